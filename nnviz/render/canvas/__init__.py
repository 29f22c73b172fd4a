"""The items of the network and the graph, for the scene of a canvas or painted in any rectangle."""
