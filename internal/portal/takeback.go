package portal

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/web"
)

func (p *portal) takeBack(w http.ResponseWriter, r *http.Request, v *web.Voice, receipt seal.Receipt, view statusPage) {
	err := p.destroyIdentity(r.Context(), receipt)
	if err != nil && !errors.Is(err, heed.ErrGone) { // gone already is what was wanted
		p.receiptFault(w, r, v, receipt, view, "take an identity back", err)
		return
	}
	view.TakenBack = true
	p.showStatus(w, r, v, receipt, view)
}

// destroyIdentity goes on where the asker breaks off: what was ordered is done.
func (p *portal) destroyIdentity(ctx context.Context, receipt seal.Receipt) error {
	ctx = context.WithoutCancel(ctx)
	mailbox, err := p.Intake.Open(ctx, string(receipt))
	if err != nil {
		return err
	}
	return mailbox.TakeBack(ctx)
}

func (p *portal) describeTakeBack(api huma.API) {
	op := operation("take-identity-back", http.MethodDelete, "/api/v1/identity", "Destroy who the reporter is, and the files as they were sent; the report and the files' safe copies stay", http.StatusNoContent)
	op.Security = []map[string][]string{{"receipt": {}}}
	p.describeErrors(api, &op, http.StatusUnauthorized, http.StatusNotFound, http.StatusGone, http.StatusTooManyRequests, http.StatusServiceUnavailable)
	huma.Register(api, op, func(ctx context.Context, in *withReceipt) (*struct{}, error) {
		receipt, err := p.receiptOf(in.AcceptLanguage, in.Authorization)
		if err != nil {
			return nil, err
		}
		if err := p.destroyIdentity(ctx, receipt); err != nil {
			return nil, p.mailboxFails(in.AcceptLanguage, err)
		}
		return nil, nil
	})
}
