"""Cases from outside: only the command line and HTTP are touched, nothing of the project is imported."""
