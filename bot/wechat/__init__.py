"""The platform's side of the edge: crypto, XML, tokens, error codes, the slow gateway and the fast sender."""
