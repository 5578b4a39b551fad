"""What shows the pictures between two key frames of a clip: `contracts.Interpolator`."""
