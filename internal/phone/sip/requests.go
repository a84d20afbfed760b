package sip

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

const (
	// allow is what is answered; refer isn't: nobody sends a caller elsewhere.
	allow     = "INVITE, ACK, CANCEL, BYE, UPDATE, OPTIONS"
	supported = "timer"
	sdpType   = "application/sdp"
	// retryBusy and retryStopping are after how many seconds a refused caller may try again.
	retryBusy     = "30"
	retryStopping = "60"
)

// known are the methods of SIP's RFCs: what is none of them is not implemented, what is one isn't allowed.
var known = []sip.RequestMethod{sip.REGISTER, sip.SUBSCRIBE, sip.NOTIFY, sip.REFER, sip.INFO, sip.MESSAGE, sip.PRACK, sip.PUBLISH}

// handle answers a request. It is called in a goroutine of its own.
func (s *Server) handle(req *sip.Request, tx *sip.ServerTx) {
	defer tx.TerminateGracefully()
	defer s.recoverFrom("answering a request")
	if req.From() == nil || req.To() == nil || req.CallID() == nil || req.CSeq() == nil || req.Via() == nil {
		s.refuse(req, tx, 400, "Bad Request")
		return
	}
	switch req.Method {
	case sip.INVITE:
		if tagOf(req.To().Params) == "" {
			s.invite(req, tx)
		} else {
			s.within(req, tx, (*call).reinvite)
		}
	case sip.ACK:
		if c := s.dialog(req); c != nil {
			c.acknowledge(req)
		}
		tx.Terminate() // nothing answers it
	case sip.BYE:
		s.within(req, tx, (*call).bye)
	case sip.UPDATE:
		s.within(req, tx, (*call).update)
	case sip.OPTIONS:
		s.options(req, tx)
	case sip.CANCEL:
		s.refuse(req, tx, 481, "Call/Transaction Does Not Exist") // what it would cancel is answered, or never was
	default:
		if slices.Contains(known, req.Method) {
			s.refuse(req, tx, 405, "Method Not Allowed", "Allow", allow)
		} else {
			s.refuse(req, tx, 501, "Not Implemented", "Allow", allow)
		}
	}
}

// within hands a request to its call.
func (s *Server) within(req *sip.Request, tx *sip.ServerTx, do func(*call, *sip.Request, *sip.ServerTx)) {
	c := s.dialog(req)
	if c == nil {
		s.refuse(req, tx, 481, "Call/Transaction Does Not Exist")
		return
	}
	if !c.follows(req) {
		s.refuse(req, tx, 500, "Server Internal Error", "Retry-After", "1")
		return
	}
	do(c, req, tx)
}

// options says what is understood, and, to a switch that asks whether the line is there, whether it is (RFC 3261 §11).
func (s *Server) options(req *sip.Request, tx *sip.ServerTx) {
	if s.isDraining() {
		s.refuse(req, tx, 503, "Service Unavailable", "Retry-After", retryStopping)
		return
	}
	s.refuse(req, tx, 200, "OK", "Allow", allow, "Accept", sdpType, "Supported", supported)
}

// refuse answers for good and keeps nothing: the same request would get the same answer (RFC 3261 §8.2.7). Headers come as names and values.
func (s *Server) refuse(req *sip.Request, tx *sip.ServerTx, code int, reason string, headers ...string) {
	_ = tx.Respond(s.response(req, code, reason, nil, headers...)) // it comes again where the answer was lost
	tx.Terminate()
}

// response is a response to the request. The tag of one that begins no call can be told again from the request.
func (s *Server) response(req *sip.Request, code int, reason string, body []byte, headers ...string) *sip.Response {
	res := sip.NewResponseFromRequest(req, code, reason, body)
	res.RemoveHeader("Content-Length")
	for i := 0; i+1 < len(headers); i += 2 {
		res.AppendHeader(sip.NewHeader(headers[i], headers[i+1]))
	}
	res.SetBody(body) // its length goes last
	if to := res.To(); to != nil && req.To() != nil && code > 100 && tagOf(req.To().Params) == "" {
		to.Params.Add("tag", s.tag(req))
	}
	return res
}

// tag is the tag that a request is refused under.
func (s *Server) tag(req *sip.Request) string {
	var h maphash.Hash
	h.SetSeed(s.seed)
	// What isn't there can be what it is refused for.
	if id := req.CallID(); id != nil {
		_, _ = h.WriteString(id.Value()) // never fails
	}
	if from := req.From(); from != nil {
		_, _ = h.WriteString("\x00" + tagOf(from.Params))
	}
	if via := req.Via(); via != nil {
		_, _ = h.WriteString("\x00" + via.Params.GetOr("branch", ""))
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// screen says why an INVITE can't begin, or change, a call; nil headers and code 0 where it can.
func (s *Server) screen(req *sip.Request) (code int, reason string, headers []string) {
	if required := unsupported(req); required != "" {
		return 420, "Bad Extension", []string{"Unsupported", required}
	}
	if len(req.Body()) > 0 {
		if t := req.ContentType(); t == nil || !isSDP(t.Value()) || req.GetHeader("content-encoding") != nil {
			return 415, "Unsupported Media Type", []string{"Accept", sdpType}
		}
	}
	if t, ok := sessionTimer(req, "uas"); ok && t.interval < s.c.session {
		return 422, "Session Interval Too Small", []string{"Min-SE", strconv.Itoa(int(s.c.session.Seconds()))}
	}
	return 0, "", nil
}

// isSDP says whether a content type is the one of descriptions, whatever its parameters.
func isSDP(value string) bool {
	mime, _, _ := strings.Cut(value, ";")
	return strings.EqualFold(strings.TrimSpace(mime), sdpType)
}

// unsupported lists what a request requires and we don't know.
func unsupported(req *sip.Request) string {
	var missing []string
	for _, option := range tokens(req, "require") {
		if option != supported {
			missing = append(missing, option)
		}
	}
	return strings.Join(missing, ", ")
}

// tokens are the words of all headers of a name and its compact form.
func tokens(req *sip.Request, names ...string) (words []string) {
	for _, name := range names {
		for _, h := range req.GetHeaders(name) {
			for word := range strings.SplitSeq(h.Value(), ",") {
				if word = strings.ToLower(strings.TrimSpace(word)); word != "" {
					words = append(words, word)
				}
			}
		}
	}
	return words
}

func tagOf(params sip.HeaderParams) string { return params.GetOr("tag", "") }

func callID(req *sip.Request) string { return req.CallID().Value() }

// dialogID names the call that a request is within (RFC 3261 §12); false where it is within none.
func dialogID(req *sip.Request) (string, bool) {
	ours, theirs := tagOf(req.To().Params), tagOf(req.From().Params)
	return callID(req) + "\x00" + ours + "\x00" + theirs, ours != "" && theirs != ""
}
