package sip

import (
	"net"
	"slices"

	"github.com/emiago/sipgo/sip"
)

// dialog is how requests within a call are written (RFC 3261 §12): who we are there, who they are, and by which way they are reached.
type dialog struct {
	callID sip.Header
	ours   sip.FromHeader
	theirs sip.ToHeader
	routes []string // in the order in which requests take them
	target sip.Uri
	said   uint32 // our latest CSeq

	contact   sip.ContactHeader
	source    string // where the latest request came from, or, until one does, where ours went: the only place that is sent to
	transport string
	socket    sip.Addr // that datagrams leave by: a NAT on the way knows it
}

// next writes the next request (§12.2.1.1). Headers come as names and values.
func (d *dialog) next(method sip.RequestMethod, headers []string, body []byte) *sip.Request {
	d.said++
	return d.write(method, d.said, headers, body)
}

// write writes a request under a number.
func (d *dialog) write(method sip.RequestMethod, number uint32, headers []string, body []byte) *sip.Request {
	req := sip.NewRequest(method, *d.target.Clone())
	via := &sip.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: d.transport, Host: d.contact.Address.Host, Port: d.contact.Address.Port}
	via.Params.Add("branch", sip.GenerateBranchN(16))
	via.Params.Add("rport", "")
	forwards := sip.MaxForwardsHeader(70)
	for _, h := range []sip.Header{via, sip.HeaderClone(&d.ours), sip.HeaderClone(&d.theirs), sip.HeaderClone(d.callID), &sip.CSeqHeader{SeqNo: number, MethodName: method}, &forwards} {
		req.AppendHeader(h)
	}
	for _, route := range d.routes {
		req.AppendHeader(sip.NewHeader("Route", route))
	}
	if method == sip.INVITE || method == sip.UPDATE {
		req.AppendHeader(d.contact.Clone())
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.AppendHeader(sip.NewHeader(headers[i], headers[i+1]))
	}
	req.SetBody(body)
	d.address(req)
	return req
}

// address says where a request goes.
func (d *dialog) address(req *sip.Request) {
	req.SetTransport(d.transport)
	req.SetDestination(d.source)
	if d.transport == "UDP" {
		req.Laddr = d.socket
	}
}

// cancellation is the CANCEL of an INVITE (§9.1).
func (d *dialog) cancellation(invite *sip.Request) *sip.Request {
	req := sip.NewRequest(sip.CANCEL, *invite.Recipient.Clone())
	forwards := sip.MaxForwardsHeader(70)
	for _, h := range []sip.Header{sip.HeaderClone(invite.Via()), sip.HeaderClone(invite.From()), sip.HeaderClone(invite.To()), sip.HeaderClone(invite.CallID()),
		&sip.CSeqHeader{SeqNo: invite.CSeq().SeqNo, MethodName: sip.CANCEL}, &forwards} {
		req.AppendHeader(h)
	}
	for _, route := range invite.GetHeaders("route") {
		req.AppendHeader(sip.NewHeader("Route", route.Value()))
	}
	req.SetBody(nil)
	d.address(req)
	return req
}

// answeredBy is the dialog that a response to our INVITE makes (§12.1.2).
func (d *dialog) answeredBy(res *sip.Response) dialog {
	made := *d
	made.theirs.Params = d.theirs.Params.Clone()
	made.theirs.Params.Add("tag", responseTag(res))
	if contact := res.Contact(); contact != nil {
		made.target = *contact.Address.Clone()
	}
	made.routes = nil
	for _, h := range res.GetHeaders("record-route") {
		made.routes = append(made.routes, h.Value())
	}
	slices.Reverse(made.routes)
	return made
}

// id names the dialog among the calls, as dialogID does for a request within it.
func (d *dialog) id() string {
	return d.callID.Value() + "\x00" + tagOf(d.ours.Params) + "\x00" + tagOf(d.theirs.Params)
}

// responseTag is the tag that a response gives to its other end; "" where it has none.
func responseTag(res *sip.Response) string {
	if to := res.To(); to != nil {
		return tagOf(to.Params)
	}
	return ""
}

// udpSocket is where our datagrams leave from.
func (s *Server) udpSocket() sip.Addr {
	return sip.Addr{IP: net.IP(s.plain.Addr().AsSlice()), Port: int(s.plain.Port())}
}
