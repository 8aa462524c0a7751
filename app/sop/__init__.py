"""The SOP table as a model: read out of a table file or a BPMN file, written into either, with its diagram."""
