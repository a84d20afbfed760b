package names

// hash is that of a feature: FNV-1a of 32 bits (Fowler, Noll, Vo) of the letter that tells the feature from others and of its parts, each with
// a byte behind it that no text holds.
type hash uint32

const (
	hashStart = 2166136261
	hashPrime = 16777619
	partEnd   = 0xFF
)

// of begins the hash of the feature of a letter.
func of(kind byte) hash { return (hashStart ^ hash(kind)) * hashPrime }

// part adds a part.
func (h hash) part(s string) hash {
	for i := range len(s) {
		h = (h ^ hash(s[i])) * hashPrime
	}
	return (h ^ partEnd) * hashPrime
}

// sign, signs2 and signs add a part of one, two or three bytes.
func (h hash) sign(a byte) hash { return ((h^hash(a))*hashPrime ^ partEnd) * hashPrime }

func (h hash) signs2(a, b byte) hash {
	return (((h^hash(a))*hashPrime^hash(b))*hashPrime ^ partEnd) * hashPrime
}

func (h hash) signs(a, b, c byte) hash {
	return ((((h^hash(a))*hashPrime^hash(b))*hashPrime^hash(c))*hashPrime ^ partEnd) * hashPrime
}

// bucket is where the weights of the feature are.
func (h hash) bucket() uint32 { return uint32((h^h>>15)*2654435761) >> (32 - bucketBits) }

// hashes are those of four features that go on with the same part: side by side they take little longer than one. Not all need be used.
type hashes struct{ a, b, c, d hash }

func (h hashes) part(s string) hashes {
	a, b, c, d := h.a, h.b, h.c, h.d
	for i := range len(s) {
		x := hash(s[i])
		a, b, c, d = (a^x)*hashPrime, (b^x)*hashPrime, (c^x)*hashPrime, (d^x)*hashPrime
	}
	return hashes{(a ^ partEnd) * hashPrime, (b ^ partEnd) * hashPrime, (c ^ partEnd) * hashPrime, (d ^ partEnd) * hashPrime}
}
