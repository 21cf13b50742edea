"""How a page looks: colours, logo, theme."""
