package seal_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// aesGCM is AES of "What the formats share".
func aesGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func unseal(key, nonce, sealed, ad []byte) ([]byte, error) {
	gcm, err := aesGCM(key)
	if err != nil {
		return nil, err
	}
	return gcm.Open(nil, nonce, sealed, ad)
}

func mac(key []byte, message ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(join(message...))
	return h.Sum(nil)
}

// hkdf is RFC 5869, 2.2 and 2.3, as they stand there.
func hkdf(secret, salt []byte, info []byte, n int) []byte {
	if salt == nil {
		salt = make([]byte, 32)
	}
	return hkdfExpand(mac(salt, secret), info, n)
}

func hkdfExpand(prk, info []byte, n int) (out []byte) {
	var t []byte
	for i := byte(1); len(out) < n; i++ {
		t = mac(prk, t, info, []byte{i})
		out = append(out, t...)
	}
	return out[:n]
}

type bindingVector struct {
	Line, Report, Field string
	Version             uint32
}

func (b bindingVector) encode(label string) []byte {
	return join(str([]byte(label)), str([]byte(b.Line)), str([]byte(b.Report)), str([]byte(b.Field)), binary.BigEndian.AppendUint32(nil, b.Version))
}

func readBinding(v struct {
	Label   string
	Binding bindingVector
	Encoded octets
}) error {
	return is("the encoding", v.Binding.encode(v.Label), v.Encoded)
}

func readSealed(v struct {
	Key, Nonce, Plaintext, Sealed octets
	Binding                       bindingVector
}) error {
	if len(v.Sealed) < 13 || v.Sealed[0] != 0x01 {
		return fmt.Errorf("no sealed field: %x", v.Sealed)
	}
	if err := is("the nonce", v.Sealed[1:13], v.Nonce); err != nil {
		return err
	}
	plain, err := unseal(v.Key, v.Sealed[1:13], v.Sealed[13:], v.Binding.encode("heed/sealed/1"))
	if err != nil {
		return err
	}
	return is("the plaintext", plain, v.Plaintext)
}

// readFrames makes the framed file of zeros from the stream and the nonces of the vector; what stands there whole it opens too.
func readFrames(v struct {
	Key     octets
	Binding bindingVector
	Length  int `json:"plaintext_length"`
	Stream  octets
	Nonces  []octets
	Sealed  octets
	Size    int    `json:"sealed_length"`
	Sum     octets `json:"sealed_sha256"`
}) error {
	gcm, err := aesGCM(hkdf(v.Key, v.Stream, v.Binding.encode("heed/frames/1"), 32))
	if err != nil {
		return err
	}
	whole := join([]byte{0x03}, v.Stream)
	frames := slices.Collect(slices.Chunk(make([]byte, v.Length), 65536))
	if len(frames) == 0 {
		frames = [][]byte{{}}
	}
	if len(frames) != len(v.Nonces) {
		return fmt.Errorf("%d frames, but %d nonces", len(frames), len(v.Nonces))
	}
	for i, frame := range frames {
		last := byte(0)
		if i == len(frames)-1 {
			last = 1
		}
		whole = append(whole, v.Nonces[i]...)
		whole = gcm.Seal(whole, v.Nonces[i], frame, append(binary.BigEndian.AppendUint64(nil, uint64(i)), last))
	}
	sum := sha256.Sum256(whole)
	if len(whole) != v.Size {
		return fmt.Errorf("%d bytes, want %d", len(whole), v.Size)
	}
	if err := is("the hash", sum[:], v.Sum); err != nil || v.Sealed == nil {
		return err
	}
	return is("the whole", whole, v.Sealed)
}

// readPadded makes the padded file of bytes 0x01 from the stream and the nonces of the vector.
func readPadded(v struct {
	Key     octets
	Binding bindingVector
	Length  int `json:"plaintext_length"`
	Stream  octets
	Nonces  []octets
	Size    int    `json:"sealed_length"`
	Sum     octets `json:"sealed_sha256"`
}) error {
	gcm, err := aesGCM(hkdf(v.Key, v.Stream, v.Binding.encode("heed/frames/2"), 32))
	if err != nil {
		return err
	}
	least := max(1, (v.Length+65527)/65528)
	// PADMÉ by the paper's own words: E = ⌊log₂ L⌋, S = ⌊log₂ E⌋ + 1, the lowest E − S bits are zero.
	all := least
	if least > 3 {
		e := int(math.Floor(math.Log2(float64(least))))
		step := 1 << (e - int(math.Floor(math.Log2(float64(e)))) - 1)
		all = (least + step - 1) / step * step
	}
	if all != len(v.Nonces) {
		return fmt.Errorf("%d frames, but %d nonces", all, len(v.Nonces))
	}
	whole := join([]byte{0x0a}, v.Stream)
	for i := range all {
		end := min(v.Length, (i+1)*65528)
		frame := binary.BigEndian.AppendUint64(nil, uint64(end))
		frame = append(frame, bytes.Repeat([]byte{1}, max(0, end-i*65528))...)
		frame = append(frame, make([]byte, 65536-len(frame))...)
		last := byte(0)
		if i == all-1 {
			last = 1
		}
		whole = append(whole, v.Nonces[i]...)
		whole = gcm.Seal(whole, v.Nonces[i], frame, append(binary.BigEndian.AppendUint64(nil, uint64(i)), last))
	}
	if len(whole) != v.Size {
		return fmt.Errorf("%d bytes, want %d", len(whole), v.Size)
	}
	sum := sha256.Sum256(whole)
	return is("the hash", sum[:], v.Sum)
}

func readDraft(v struct {
	Key         octets
	Kind, State string
	Now         time.Time
	Seconds     int64 `json:"life_seconds"`
	Token       string
}) error {
	return readToken(v.Key, v.Kind, v.Token, v.Now.UnixMilli()+1000*v.Seconds, func(text []byte) error {
		var state string
		if err := json.Unmarshal(text, &state); err != nil || state != v.State {
			return fmt.Errorf("the state is %q: %v", state, err)
		}
		return nil
	})
}

// readToken gives read the JSON of a draft token that expires at this millisecond.
func readToken(key octets, kind, token string, expires int64, read func([]byte) error) error {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) < 25 || b[0] != 0x04 {
		return fmt.Errorf("no draft token: %x, %v", b, err)
	}
	keys := hkdf(key, b[1:25], join(str([]byte("heed/draft/1")), str([]byte(kind))), 44)
	plain, err := unseal(keys[:32], keys[32:], b[25:], nil)
	if err != nil {
		return err
	}
	if len(plain) > 16384 && len(plain)%16384 != 0 || len(plain)%1024 != 0 {
		return fmt.Errorf("a plaintext of %d bytes", len(plain))
	}
	if expiry := int64(binary.BigEndian.Uint64(plain)); expiry != expires {
		return fmt.Errorf("expires at %d", expiry)
	}
	return paddedJSON(plain[8:], read)
}

func readUpload(v struct {
	DraftKey octets `json:"draft_key"`
	State    string
	Now      time.Time
	Token    string
	Key      octets
	Binding  bindingVector
	Piece    string
	Sealed   octets
}) error {
	var state struct{ ID, Key string }
	err := readToken(v.DraftKey, "portal upload", v.Token, v.Now.Add(24*time.Hour).UnixMilli(), func(text []byte) error {
		if string(text) != v.State {
			return fmt.Errorf("the state is %s", text)
		}
		return json.Unmarshal(text, &state)
	})
	if err != nil {
		return err
	}
	if state.Key != base64.RawURLEncoding.EncodeToString(v.Key) || !strings.HasPrefix(v.Binding.Field, "upload-piece/"+state.ID+"/") {
		return fmt.Errorf("a piece of another upload at %s", v.Binding.Field)
	}
	if len(v.Sealed) < 29 || v.Sealed[0] != 0x03 {
		return errShort
	}
	plain, err := unseal(hkdf(v.Key, v.Sealed[1:17], v.Binding.encode("heed/frames/1"), 32), v.Sealed[17:29], v.Sealed[29:], append(make([]byte, 8), 1))
	if err != nil {
		return err
	}
	return is("the piece", plain, []byte(v.Piece))
}

// paddedJSON reads u32 length ‖ JSON ‖ zeros.
func paddedJSON(b []byte, read func([]byte) error) error {
	if len(b) < 4 || uint64(len(b)-4) < uint64(binary.BigEndian.Uint32(b)) {
		return errShort
	}
	end := 4 + binary.BigEndian.Uint32(b)
	if len(bytes.Trim(b[end:], "\x00")) > 0 {
		return fmt.Errorf("filled up with %x", b[end:])
	}
	return read(b[4:end])
}

// normal is the page's normal(passphrase); U+0020 is itself of Zs.
func normal(passphrase string) []byte {
	for _, space := range "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000" {
		passphrase = strings.ReplaceAll(passphrase, string(space), " ")
	}
	return norm.NFC.Bytes([]byte(passphrase))
}

func readCustodian(v struct {
	Passphrase           string
	Seed, Public, Sealed octets
}) error {
	if len(v.Sealed) != 1+16+12+32+16 || v.Sealed[0] != 0x05 {
		return fmt.Errorf("no custodian's key: %x", v.Sealed)
	}
	k := argon2.IDKey(normal(v.Passphrase), v.Sealed[1:17], 2, 65536, 1, 32)
	seed, err := unseal(k, v.Sealed[17:29], v.Sealed[29:], join(str([]byte("heed/custodian/1")), str(v.Public)))
	if err != nil {
		return err
	}
	if err := is("the seed", seed, v.Seed); err != nil {
		return err
	}
	pair, err := hybridPair(seed)
	if err != nil {
		return err
	}
	return is("the public half", pair.public(), v.Public)
}

func readReceipt(v struct {
	Pepper      octets
	Salt        octets `json:"line_salt"`
	Receipt     string
	Argon       octets `json:"argon2id_salt"`
	Lookup, Key octets
}) error {
	if len(v.Receipt) != 20 || strings.Trim(v.Receipt, "0123456789") != "" {
		return fmt.Errorf("no receipt: %s", v.Receipt)
	}
	salt := mac(v.Pepper, str([]byte("heed/receipt/salt/1")), str(v.Salt))
	if err := is("the salt", salt, v.Argon); err != nil {
		return err
	}
	root := argon2.IDKey([]byte(v.Receipt), salt, 2, 19456, 1, 32)
	if err := is("the lookup", hkdf(root, nil, []byte("heed/receipt/lookup/1"), 32), v.Lookup); err != nil {
		return err
	}
	return is("the key", hkdf(root, nil, []byte("heed/receipt/key/1"), 32), v.Key)
}

func readPassphrase(v struct{ Passphrase, Encoded string }) error {
	rest, ok := strings.CutPrefix(v.Encoded, "$argon2id$v=19$m=65536,t=2,p=1$")
	salt, hash, _ := strings.Cut(rest, "$")
	s, saltErr := base64.RawStdEncoding.DecodeString(salt)
	h, hashErr := base64.RawStdEncoding.DecodeString(hash)
	if !ok || saltErr != nil || hashErr != nil || len(s) != 16 || len(h) != 32 {
		return fmt.Errorf("no encoded passphrase: %s", v.Encoded)
	}
	return is("the hash", argon2.IDKey(normal(v.Passphrase), s, 2, 65536, 1, 32), h)
}

func readSignature(v struct {
	Seed, Public, Message, Signature octets
	Context                          string
}) error {
	key := ed25519.NewKeyFromSeed(v.Seed)
	if err := is("the public half", key.Public().(ed25519.PublicKey), v.Public); err != nil {
		return err
	}
	if !ed25519.Verify(ed25519.PublicKey(v.Public), join([]byte("heed "+v.Context+"\n"), v.Message), v.Signature) {
		return fmt.Errorf("the signature is another's")
	}
	if v.Context != "day-key/1" {
		return nil
	}
	_, err := unstr(v.Message, 4) // line, day, identity public, transit public
	return err
}

func readMatching(v struct {
	Key, Token octets
	Text       string
	Hash64     uint64
}) error {
	token := mac(hkdf(v.Key, nil, []byte("heed/matching/token/1"), 32), []byte(v.Text))[:8]
	if err := is("the token", token, v.Token); err != nil {
		return err
	}
	hash := mac(hkdf(v.Key, nil, []byte("heed/matching/fingerprint/1"), 32), []byte(v.Text))[:8]
	return is("the fingerprint", hash, binary.BigEndian.AppendUint64(nil, v.Hash64))
}
