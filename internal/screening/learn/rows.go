package learn

// add adds the rows of some n-grams, each times value, to the sums of the heads from the first on, as many as there are sums.
//
// The weights are added up as whole numbers and multiplied once. That is no approximation: a weight is a signed byte and a value has
// 24 significant bits, so that each product, and each sum of as many as a text can have, is a multiple of the value's last bit below
// 2^53 of them. Nothing is rounded in whichever order, and a model answers the same bit for bit.
func (m *Model) add(sums []float64, first int, rows []gram, value float32) {
	n := len(m.Heads)
	if n < lanes || len(rows) < 4 {
		for _, g := range rows {
			m.addRow(sums, first, g.row, float64(value))
		}
		return
	}
	for len(rows) > 0 {
		some := rows[:min(len(rows), rowsAtOnce)]
		rows = rows[len(some):]
		for from := first; from < first+len(sums); from += lanes {
			at := min(from, n-lanes) // the last eight heads overlap with those before
			even, odd := m.eight(some, at)
			for i := from; i < min(at+lanes, first+len(sums)); i++ {
				lane := even
				if (i-at)%2 == 1 {
					lane = odd
				}
				whole := int(lane>>((i-at)/2*16)&0xFFFF) - 128*len(some)
				sums[i-first] += float64(float64(whole) * float64(value))
			}
		}
	}
}

// addRow is add for one row.
func (m *Model) addRow(sums []float64, first int, row int32, value float64) {
	weights := m.weights[int(row)*len(m.Heads)+first:][:len(sums)]
	for i := range sums {
		sums[i] += float64(float64(int8(weights[i])) * value)
	}
}

const (
	lanes      = 8   // heads whose weights are added at once
	rowsAtOnce = 256 // how many rows are added before a sum could fill its sixteen bits
)

// eight adds up eight heads' weights from head at on: those of the even and of the odd ones, each in sixteen bits, 128 too high for
// each row.
func (m *Model) eight(rows []gram, at int) (even, odd uint64) {
	const bytes, high = 0x00FF00FF00FF00FF, 0x8080808080808080
	n, weights := len(m.Heads), m.weights[at:]
	for i := range rows {
		row := weights[int(rows[i].row)*n:][:lanes]
		w := uint64(row[0]) | uint64(row[1])<<8 | uint64(row[2])<<16 | uint64(row[3])<<24 |
			uint64(row[4])<<32 | uint64(row[5])<<40 | uint64(row[6])<<48 | uint64(row[7])<<56
		w ^= high // -128..127 become 0..255
		even += w & bytes
		odd += w >> 8 & bytes
	}
	return even, odd
}
