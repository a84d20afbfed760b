package seal_test

import (
	"crypto/ecdh"
	"crypto/mlkem"
	"crypto/sha3"
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// HPKE by its definition, from ML-KEM, X25519, HMAC and AES: package seal uses the standard library's crypto/hpke, so nothing of
// that is used here.

// hybrid is a private key of MLKEM768-X25519 (draft-ietf-hpke-pq, there also called X-Wing).
type hybrid struct {
	lattice *mlkem.DecapsulationKey768
	curve   *ecdh.PrivateKey
}

// hybridPair expands a seed of 32 bytes by SHAKE256 into the 64 of an ML-KEM seed and the 32 of an X25519 key.
func hybridPair(seed []byte) (*hybrid, error) {
	if len(seed) != 32 {
		return nil, fmt.Errorf("a seed of %d bytes", len(seed))
	}
	expanded := sha3.SumSHAKE256(seed, 96)
	lattice, err := mlkem.NewDecapsulationKey768(expanded[:64])
	if err != nil {
		return nil, err
	}
	curve, err := ecdh.X25519().NewPrivateKey(expanded[64:])
	if err != nil {
		return nil, err
	}
	return &hybrid{lattice, curve}, nil
}

func (h *hybrid) public() []byte {
	return join(h.lattice.EncapsulationKey().Bytes(), h.curve.PublicKey().Bytes())
}

// decapsulate gives SHA3-256(ML-KEM's secret ‖ X25519's secret ‖ X25519's share ‖ X25519's public key ‖ label).
func (h *hybrid) decapsulate(enc []byte) ([]byte, error) {
	lattice, err := h.lattice.Decapsulate(enc[:1088])
	if err != nil {
		return nil, err
	}
	share, err := ecdh.X25519().NewPublicKey(enc[1088:])
	if err != nil {
		return nil, err
	}
	curve, err := h.curve.ECDH(share)
	if err != nil {
		return nil, err
	}
	sum := sha3.Sum256(join(lattice, curve, share.Bytes(), h.curve.PublicKey().Bytes(), []byte(`\.//^\`)))
	return sum[:], nil
}

// suite is suite_id of RFC 9180, 5.1: KEM 0x647a, KDF 0x0001, AEAD 0x0002.
const suite = "HPKE\x64\x7a\x00\x01\x00\x02"

// labeledExtract and labeledExpand are of RFC 9180, 4.
func labeledExtract(salt []byte, label string, ikm []byte) []byte {
	if salt == nil {
		salt = make([]byte, 32)
	}
	return mac(salt, []byte("HPKE-v1"+suite+label), ikm)
}

func labeledExpand(prk []byte, label string, info []byte, n int) []byte {
	return hkdfExpand(prk, join(binary.BigEndian.AppendUint16(nil, uint16(n)), []byte("HPKE-v1"+suite+label), info), n)
}

// openHPKE is OpenBase of RFC 9180, 6.1, by the key schedule of 5.1; the first message's nonce is the base nonce itself.
func openHPKE(seed, info, enc, ciphertext []byte) ([]byte, error) {
	pair, err := hybridPair(seed)
	if err != nil {
		return nil, err
	}
	shared, err := pair.decapsulate(enc)
	if err != nil {
		return nil, err
	}
	context := join([]byte{0}, labeledExtract(nil, "psk_id_hash", nil), labeledExtract(nil, "info_hash", info))
	secret := labeledExtract(shared, "secret", nil)
	return unseal(labeledExpand(secret, "key", context, 32), labeledExpand(secret, "base_nonce", context, 12), ciphertext, nil)
}

func readWrapped(v struct {
	What                             string
	Seed, Public, Plaintext, Wrapped octets
	Binding                          bindingVector
}) error {
	if len(v.Wrapped) < 1+1120 || v.Wrapped[0] != 0x02 {
		return fmt.Errorf("nothing wrapped: %x", v.Wrapped)
	}
	pair, err := hybridPair(v.Seed)
	if err != nil {
		return err
	}
	if err := is("the public half", pair.public(), v.Public); err != nil {
		return err
	}
	plain, err := openHPKE(v.Seed, v.Binding.encode("heed/wrapped/1"), v.Wrapped[1:1121], v.Wrapped[1121:])
	if err != nil {
		return err
	}
	if err := is("the plaintext", plain, v.Plaintext); err != nil {
		return err
	}
	return readWhatWasWrapped(v.What, plain)
}

// readWhatWasWrapped takes each sort of plaintext for what the page says that it is.
func readWhatWasWrapped(what string, plain []byte) error {
	sizes := map[string]int{"report keys": 64, "day seed": 32, "file key": 32}
	if size := sizes[what]; size > 0 && len(plain) == size {
		return nil
	}
	if what != "identity" || len(plain)%512 != 0 {
		return fmt.Errorf("%q of %d bytes", what, len(plain))
	}
	return paddedJSON(plain, func(text []byte) error {
		var who struct{ Name, Phone string }
		if err := json.Unmarshal(text, &who); err != nil || who.Name == "" || who.Phone == "" {
			return fmt.Errorf("no identity: %v", err)
		}
		return nil
	})
}
