"""Understanding + state → decision. Pure Python over ``nlu`` and the ports of :mod:`dialog.ports`."""
