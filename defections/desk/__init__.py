"""The research desk: what cleared volunteers do with an application, from taking it on to releasing its copy."""
