package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// agree shows who is to become, or to be no longer, a Custodian, and makes the answer of who says yes.
func (c *custodianOpenCommand) agree(ctx context.Context, s *surroundings, p *prompter, files *apartFiles) error {
	if c.Show {
		return usagef("--show is for an identity, and %s asks you to agree to something", c.Request)
	}
	key, err := c.unlock(ctx, p, files)
	if err != nil {
		return err
	}
	request, signer, err := seal.ReadAgreement(key, files.request)
	switch {
	case errors.Is(err, heed.ErrSealed):
		return errors.New("the request is for another key than yours")
	case err != nil:
		return errors.New("the request's signature is wrong: it doesn't come from a line as it is")
	}
	if err := c.trust(ctx, p, signer); err != nil {
		return err
	}
	question := fmt.Sprintf("Ask %s for the name of their key. Is it the same, and do you approve them?", onScreen(request.Name))
	switch request.Act {
	case seal.ApproveCustodian:
	case seal.RemoveCustodian:
		question = fmt.Sprintf("Do you agree that %s be a Custodian no longer?", onScreen(request.Name))
	default:
		return fmt.Errorf("this program doesn't know what the line asks (%s): take a newer one", onScreen(string(request.Act)))
	}
	if err := describeAgreement(s.Stderr, request); err != nil {
		return err
	}
	if now := s.Now(); !now.Before(request.Until) {
		return fmt.Errorf("the request lapsed at %s, and this machine's clock says %s: the desk takes no answer any more", moment(request.Until), moment(now))
	}
	if err := p.yes(ctx, question); err != nil {
		return err
	}
	answer, err := request.Agree()
	if err != nil {
		return errors.New("no answer can be made of it: the request's own key is broken")
	}
	return c.write(s, answer)
}

// describeAgreement says what is asked.
func describeAgreement(w io.Writer, r *seal.AgreementRequest) error {
	out := &printer{w: w}
	act := map[seal.CircleAct]string{seal.ApproveCustodian: "to approve as a Custodian", seal.RemoveCustodian: "to remove as a Custodian"}[r.Act]
	out.printf("\nLine       %s\n", onScreen(r.LineName))
	out.printf("Asks       %s: %s\n", act, onScreen(r.Name))
	if r.Asker != "" {
		out.printf("Asked by   %s\n", onScreen(r.Asker))
	}
	out.printf("Their key  %s\n", seal.Fingerprint(r.Key))
	out.printf("Answer by  %s\n\n", moment(r.Until))
	return out.err
}
