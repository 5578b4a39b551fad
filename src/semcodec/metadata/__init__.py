"""EXIF and XMP as bytes: made fit for an upright picture, and told what was painted. Knows no pixels and no Pillow."""
