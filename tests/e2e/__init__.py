"""The product as its users meet it: started by its one command, used in a browser, over the real protocol."""
