"""Laws of the model, each with a mistake that its own test rejects."""
