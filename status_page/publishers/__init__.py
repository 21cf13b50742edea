"""Words leave the building: one file per channel, the registry is the only line to add for a new one."""
