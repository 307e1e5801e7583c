"""Mago4 through MagicLink or MagoCloud, kind `magolink`."""
