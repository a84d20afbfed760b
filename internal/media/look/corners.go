package look

// corners are those of the cuts that are kept of a picture: writing that goes from one corner to another leaves two of them as they were. A list's
// prints have none.
type corners [2][cornersOfCut]Part

const cornersSize = 2 * cornersOfCut * partSize

func (c *corners) bytes() (to []byte) {
	for i := range c {
		for j := range c[i] {
			to = c[i][j].appendTo(to)
		}
	}
	return to
}

// cornersOf reads what bytes wrote.
func cornersOf(b []byte) (c *corners, err error) {
	if len(b) != cornersSize {
		return nil, errSize
	}
	c = &corners{}
	for i := range c {
		for j := range c[i] {
			c[i][j], b = partOf(b), b[partSize:]
		}
	}
	return c, nil
}

// marks are those by which a kept picture is found by its corners.
func (c *corners) marks(key Hasher) []int64 {
	bands := map[band]bool{}
	for _, cut := range c {
		for i, part := range cut {
			if part.Strong == (Signs{}) {
				continue
			}
			for b := range bandsOf(partsOfCut + i) {
				bands[band{byte(partsOfCut + i), byte(b), part.Signs.bits(b)}] = true
			}
		}
	}
	return marksOf(key, bands)
}
