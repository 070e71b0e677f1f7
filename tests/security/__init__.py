"""Walks over everything that can be asked: who may, what is seen, what runs. They read routes, forms and tables themselves."""
