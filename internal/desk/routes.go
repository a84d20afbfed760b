package desk

import (
	"cmp"
	"net/http"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/seal"
)

// handler answers a page of a signed-in staff member. Its error becomes the error page that fits.
type handler func(w http.ResponseWriter, r *http.Request, me *heed.Staff) error

// route is one page or act with who may come to it. The service behind asks again about the very record; the check here
// keeps everybody else from learning even that.
type route struct {
	pattern string
	action  auth.Action
	handler handler
}

// background are the routes that a page asks by itself: they don't count as somebody's activity, or an open page would
// keep its session alive for as long as reports come in.
var background = map[string]bool{"GET /events": true, "GET /queue/{list}/tabs": true, "GET /queue/{list}/rows/{id}": true, "GET /calls/live": true}

// proven are the routes for which one must have proved lately who one is: what they do gives whoever does it the account,
// or another one, for longer than a session lasts.
var proven = map[string]bool{
	"POST /staff": true, "POST /staff/{id}/link": true, "POST /staff/{id}/disable": true, "POST /staff/{id}/enable": true,
	"POST /staff/{id}/roles": true, "POST /staff/{id}/categories": true, "POST /staff/{id}/reset": true, "POST /staff/{id}/reset/approve": true,
	"GET /settings/passkey": true, "POST /settings/passkey": true, "POST /settings/organisation": true, "POST /settings/codes": true, "POST /settings/recovery": true,
	"GET /disclosures/{id}/apart": true, "POST /disclosures/{id}/apart": true,
	"POST /custodians/{id}/approve/apart": true, "POST /custodians/{id}/remove/apart": true,
	"POST /settings/factors/{id}/remove": true, "POST /settings/token": true, "POST /settings/passphrase": true,
	"POST /settings/phone": true, "POST /staff/{id}/phone": true,
}

// large are the routes whose forms bring a file or a whole report, with the bytes that they may have.
var large = map[string]int64{"POST /disclosures/{id}/apart/answer": maxApart, typedIn: maxReport}

// typedIn is the route of the form of a report.
const typedIn = "POST /drafts/{id}"

func (d *Desk) routes() []route {
	return []route{
		{"GET /{$}", auth.StaffSelf, d.home},
		{"GET /events", auth.StaffSelf, d.liveEvents},

		{"GET /queue/{list}", auth.QueueRead, d.queue},
		{"GET /queue/{list}/tabs", auth.QueueRead, d.queueTabs},
		{"GET /queue/{list}/rows/{id}", auth.QueueRead, d.queueRow},
		{"GET /search", auth.ReportSearch, d.searchForm},
		{"POST /search", auth.ReportSearch, d.search},
		{"GET /reports/{id}", auth.ReportRead, d.report},
		{"POST /reports/{id}/claim", auth.ReportClaim, d.claim},
		{"POST /reports/{id}/renew", auth.ReportClaim, d.renew},
		{"POST /reports/{id}/release", auth.ReportClaim, d.release},
		{"POST /reports/{id}/ask", auth.ReportAsk, d.ask},
		{"POST /reports/{id}/dispose", auth.ReportDispose, d.dispose},
		{"POST /reports/{id}/approve", auth.QueueRead, d.approve}, // the service knows who decided
		{"POST /reports/{id}/undo", auth.QueueRead, d.undo},       // likewise
		{"POST /reports/{id}/urgency", auth.ReportUrgency, d.setUrgency},
		{"POST /reports/{id}/category", auth.ReportCategory, d.setCategory},
		{"POST /reports/{id}/copies", auth.ReportDispose, d.linkCopies},
		{"POST /reports/{id}/unlink", auth.ReportUnlink, d.unlink},
		{"POST /reports/{id}/reopen", auth.ReportReopen, d.reopen},
		{"POST /reports/{id}/erase", auth.ReportErase, d.proposeErasure},
		{"GET /reports/{id}/files/{file}/copy", auth.AttachmentOpen, d.fileCopy},
		{"GET /reports/{id}/files/{file}/stills/{still}", auth.AttachmentOpen, d.filmStill},
		{"GET /reports/{id}/files/{file}/pages/{page}", auth.AttachmentOpen, d.paper},
		{"GET /reports/{id}/files/{file}/pages/{page}/picture", auth.AttachmentOpen, d.paperPicture},
		{"GET /reports/{id}/files/{file}/redaction", auth.AttachmentOpen, d.redactionForm},
		{"POST /reports/{id}/files/{file}/redaction", auth.AttachmentRedact, d.redact},
		{"GET /reports/{id}/files/{file}/redacted", auth.AttachmentOpen, d.redactedCopy},
		{"GET /reports/{id}/files/{file}/redacted/pages/{page}", auth.AttachmentOpen, d.redactedCopy},
		{"GET /reports/{id}/beside/{other}", auth.AttachmentOpen, d.beside},
		{"POST /reports/{id}/beside/{other}", auth.AttachmentOpen, d.beside},
		{"POST /reports/{id}/uncover", auth.AttachmentOpen, d.uncover},
		{"POST /reports/{id}/engine", auth.ReportRead, d.askEngine},

		{"GET /calls", auth.CallTake, d.calls},
		{"GET /calls/live", auth.CallTake, d.callsLive},
		{"POST /calls/{id}/answer", auth.CallTake, d.callAnswer},
		{"POST /calls/{id}/back", auth.CallTake, d.callBack},
		{"POST /duty", auth.CallTake, d.duty},
		{"GET /hotline", auth.CallFigures, d.hotline},
		{"POST /drafts", auth.DraftWrite, d.draftBegin},
		{"GET /drafts/{id}", auth.DraftWrite, d.draft},
		{typedIn, auth.DraftWrite, d.draftAct},

		{"GET /reports/{id}/disclosures", auth.DisclosureAsk, d.disclosureForm},
		{"POST /reports/{id}/disclosures", auth.DisclosureAsk, d.disclosureAsk},
		{"GET /disclosures", auth.DisclosureList, d.disclosures},
		{"GET /disclosures/{id}", auth.StaffSelf, d.disclosure},                      // the service knows who asked
		{"POST /disclosures/{id}/see", auth.DisclosureAsk, d.disclosureSee},          // likewise
		{"POST /disclosures/{id}/release", auth.DisclosureAsk, d.disclosureRelease},  // likewise
		{"POST /disclosures/{id}/decision", auth.DisclosureList, d.disclosureDecide}, // likewise
		{"GET /disclosures/{id}/apart", auth.DisclosureList, d.apart},                // likewise
		{"POST /disclosures/{id}/apart", auth.DisclosureList, d.apartTake},           // likewise
		{"POST /disclosures/{id}/apart/answer", auth.DisclosureList, d.apartBring},   // likewise

		{"GET /custodians", auth.CustodianList, d.custodians},
		{"POST /custodians/{id}/approve", auth.CustodianList, d.custodianApprove}, // the service knows whose key it is
		{"POST /custodians/{id}/ask-removal", auth.CustodianAskRemoval, d.custodianAskRemoval},
		{"POST /custodians/{id}/remove", auth.CustodianList, d.custodianRemove},              // the service knows who asked
		{"POST /custodians/{id}/approve/apart", auth.CustodianList, d.custodianTakeApproval}, // as without
		{"POST /custodians/{id}/remove/apart", auth.CustodianList, d.custodianTakeRemoval},
		{"POST /custodians/{id}/answer", auth.CustodianList, d.custodianAnswer},

		{"GET /referrals", auth.ReferralList, d.referrals},
		{"GET /referrals/{id}", auth.ReferralList, d.referral},
		{"POST /referrals/{id}/package", auth.ReferralOpen, d.packageDownload},
		{"POST /referrals/{id}/accept", auth.ReferralAccept, d.referralAccept},
		{"POST /referrals/{id}/return", auth.ReferralReturn, d.referralReturn},
		{"POST /referrals/{id}/outcome", auth.ReferralOutcome, d.referralOutcome},

		{"GET /staff", auth.StaffList, d.staff},
		{"POST /staff", auth.StaffAdd, d.staffAdd},
		{"POST /staff/{id}/link", auth.StaffAdd, d.staffLink},
		{"POST /staff/{id}/categories", auth.StaffAdd, d.staffLimit}, // the service knows whose account it is
		{"POST /staff/{id}/phone", auth.StaffAdd, d.staffPhone},
		{"POST /staff/{id}/disable", auth.StaffAdd, d.staffDisable},
		{"POST /staff/{id}/enable", auth.StaffAdd, d.staffEnable},

		{"GET /models", auth.ModelSee, d.models},
		{"POST /models/{id}/propose", auth.ModelPropose, d.modelPropose},
		{"POST /models/{id}/approve", auth.ModelSee, d.modelApprove}, // the service knows who proposed
		{"POST /models/{id}/decline", auth.ModelSee, d.modelDecline}, // likewise
		{"POST /models/{id}/roll-back", auth.ModelRollBack, d.modelRollBack},

		{"GET /audit", auth.AuditRead, d.audit},
		{"GET /audit/rates", auth.AuditRead, d.rates},
		{"GET /audit/checkpoints", auth.AuditRead, d.checkpoints},
		{"GET /audit/checkpoints/{at}", auth.AuditRead, d.checkpointDownload},
		{"GET /clock", auth.ClockRead, d.clock},
		{"POST /clock", auth.ClockBelieve, d.clockBelieve},

		{"POST /staff/{id}/roles", auth.StaffAdd, d.staffRoles},
		{"POST /staff/{id}/reset", auth.StaffAdd, d.staffReset},
		{"POST /staff/{id}/reset/approve", auth.StaffList, d.staffResetApprove}, // the service knows who asked

		{"GET /notices", auth.StaffSelf, d.notices},
		{"POST /notices", auth.StaffSelf, d.noticesSeen},
		{"POST /notices/stop", auth.StaffSelf, d.resetStop},
		{"GET /prove", auth.StaffSelf, d.proveForm},
		{"POST /prove", auth.StaffSelf, d.prove},
		{"GET /prove/passkey", auth.StaffSelf, d.askPasskeyAgain},
		{"POST /prove/passkey", auth.StaffSelf, d.provePasskey},
		{"POST /prove/organisation", auth.StaffSelf, d.proveSignOn},

		{"GET /settings/passkey", auth.StaffSelf, d.offerPasskey},
		{"POST /settings/passkey", auth.StaffSelf, d.settingsPasskey},
		{"POST /settings/organisation", auth.StaffSelf, d.settingsSignOn},
		{"POST /settings/codes", auth.StaffSelf, d.settingsCodes},
		{"POST /settings/recovery", auth.StaffSelf, d.settingsRecovery},
		{"POST /settings/factors/{id}/remove", auth.StaffSelf, d.settingsFactorRemove},
		{"POST /settings/open/{handle}/end", auth.StaffSelf, d.settingsEnd},
		{"GET /settings", auth.StaffSelf, d.settings},
		{"POST /settings/language", auth.StaffSelf, d.settingsLanguage},
		{"POST /settings/phone", auth.CallTake, d.settingsPhone},
		{"POST /settings/passphrase", auth.StaffSelf, d.settingsPassphrase},
		{"POST /settings/token", auth.TokenCreate, d.settingsToken},
		{"POST /settings/tokens/delete", auth.TokenCreate, d.settingsTokensDelete},
		{"POST /sign-out", auth.StaffSelf, d.signOut},
		{"POST /sign-out-everywhere", auth.StaffSelf, d.signOutEverywhere},
	}
}

// maxForm bounds what a page's form may send, where large doesn't name its route: a reason or a question, in any script, many
// times over.
const maxForm = 256 << 10

// maxUnsigned bounds what a form may send that needs no session: a name, a passphrase, a passkey's answer.
const maxUnsigned = 64 << 10

// maxReport bounds the form of a report: the longest text that a profile allows, as forms write it, nine bytes a Chinese character.
const maxReport = 4 << 20

// maxApart bounds the form with an answer from a machine apart.
const maxApart = seal.MaxApart + maxForm

func (d *Desk) pages() http.Handler {
	mux := http.NewServeMux()
	bounds := map[string]int64{}
	for _, r := range d.routes() {
		mux.Handle(r.pattern, d.signedIn(r))
		bounds[r.pattern] = cmp.Or(large[r.pattern], maxForm)
	}
	mux.HandleFunc("GET /sign-in", d.signInForm)
	mux.HandleFunc("POST /sign-in", d.signIn)
	mux.HandleFunc("GET /sign-in/passkey", d.askPasskey)
	mux.HandleFunc("POST /sign-in/passkey", d.signInPasskey)
	mux.HandleFunc("POST /sign-in/organisation", d.signInSignOn)
	mux.HandleFunc("GET "+signOnBack, d.signOnReturn)
	mux.HandleFunc("GET "+signOnDone, d.signOnCome)
	mux.HandleFunc("GET /sign-in/second", d.secondForm)
	mux.HandleFunc("POST /sign-in/second", d.second)
	mux.HandleFunc("GET /sign-in/recover", d.recoverForm)
	mux.HandleFunc("POST /sign-in/recover", d.recover)
	mux.HandleFunc("GET /setup/{link}", d.setupForm)
	mux.HandleFunc("POST /setup/{link}", d.setup)
	mux.HandleFunc("GET /enrol/{link}", d.enrolForm)
	mux.HandleFunc("POST /enrol/{link}", d.enrol)
	mux.HandleFunc("POST /enrol/{link}/organisation", d.enrolSignOn)
	mux.HandleFunc("GET /enrol/{link}/passkey", d.enrolPasskeyOffer)
	mux.HandleFunc("POST /enrol/{link}/passkey", d.enrolPasskey)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		d.fail(w, r, d.me(r), heed.ErrNotFound)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := mux.Handler(r)
		r.Body = http.MaxBytesReader(w, r.Body, cmp.Or(bounds[pattern], maxUnsigned))
		mux.ServeHTTP(w, r)
	})
}

// signedIn answers with the route's handler to who may come to it, and leads everybody else to the sign-in page.
func (d *Desk) signedIn(to route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := d.session
		if background[to.pattern] {
			who = d.watched
		}
		me, err := who(r)
		if err != nil && to.pattern == typedIn && !isPart(r) {
			d.keepForm(w, r, nil, err)
			return
		}
		if err != nil {
			d.refuse(w, r, err)
			return
		}
		err = mayCome(me, to.action)
		if err != nil && to.pattern == typedIn && !isPart(r) {
			d.keepForm(w, r, me, err) // they might when the form was made
			return
		}
		if err != nil {
			d.fail(w, r, me, err)
			return
		}
		if err := parse(r); err != nil {
			d.fail(w, r, me, err)
			return
		}
		if !background[to.pattern] {
			d.keepDuty(r, me)
		}
		if proven[to.pattern] {
			if fresh, err := d.Auth.Proven(r.Context(), d.secret(r), d.browser(r)); err != nil || !fresh {
				d.askProof(w, r, me, err)
				return
			}
		}
		if err := to.handler(w, r, me); err != nil {
			d.fail(w, r, me, err)
		}
	})
}

// mayCome asks whether the staff member may do the action at all, on what is their own: heed.ErrForbidden.
func mayCome(me *heed.Staff, action auth.Action) error {
	if me == nil {
		return heed.ErrForbidden
	}
	return auth.Allow(me, action, auth.Resource{Staff: me.ID, Department: me.Department})
}
