"""The words of Camunda 7 for the same commands: what Camunda Modeler and the clients of its REST API send and read."""
