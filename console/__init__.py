"""Staff pages: one Blueprint per subject. They read models and call handlers, never the platform."""
