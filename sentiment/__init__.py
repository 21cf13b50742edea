"""What a mention says: language, sentiment, complaint, kind; and when complaints are more than usual."""
