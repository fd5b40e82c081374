// Package client calls a Mininfo portal from another system: it registers requests, asks how far they have
// come, and asks before each send whether addresses may be used. It is made from the contract
// (api/openapi.yaml); what stands here fetches tokens and makes errors of refusals.
package client

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

//go:generate go tool oapi-codegen -config oapi.yaml ../openapi.yaml

// renewBefore is how long before its end a token is no longer used: the two clocks may differ.
const renewBefore = 30 * time.Second

// Portal is a portal that is called with one client's credentials. It may be used by many at once.
type Portal struct {
	// Calls are the operations as the contract has them, for what the methods of Portal leave out. Each
	// bears a token.
	Calls *ClientWithResponses
}

// New gives the portal at an address such as https://mininfo.example.no. A token is fetched with the first
// call, with the scopes that are named, or with all that the client has; it is renewed before it ends. The
// context's values are used for fetching; cancelling it ends no call.
func New(ctx context.Context, portal, clientID, clientSecret string, scopes ...string) (*Portal, error) {
	portal = strings.TrimRight(portal, "/")
	credentials := clientcredentials.Config{
		ClientID: clientID, ClientSecret: clientSecret, TokenURL: portal + "/oauth/token", Scopes: scopes, AuthStyle: oauth2.AuthStyleInHeader,
	}
	tokens := oauth2.ReuseTokenSourceWithExpiry(nil, credentials.TokenSource(context.WithoutCancel(ctx)), renewBefore)
	calls, err := NewClientWithResponses(portal+"/api/v1", WithHTTPClient(&http.Client{
		Transport: &oauth2.Transport{Source: tokens}, Timeout: time.Minute,
	}))
	if err != nil {
		return nil, fmt.Errorf("reading the portal's address: %w", err)
	}
	return &Portal{Calls: calls}, nil
}

// Refusal is that the portal did not do what it was asked. Branch on Problem.Code, which stays.
type Refusal struct {
	Status     int           // of HTTP
	RetryAfter time.Duration // when it is worth asking again; zero: not by waiting
	Problem    Problem       // empty where something between answered
}

// Error says what happened, in the language of the portal's answer.
func (r *Refusal) Error() string {
	return fmt.Sprintf("%d %s: %s", r.Status, r.Problem.Code, r.Problem.Title)
}

func refusal(r *http.Response, p *Problem) error {
	out := &Refusal{Status: r.StatusCode}
	if p != nil {
		out.Problem = *p
	}
	if wait, err := time.ParseDuration(r.Header.Get("Retry-After") + "s"); err == nil {
		out.RetryAfter = wait
	}
	return out
}

// Register registers a request that reached the organisation through the caller's system. The same key
// (8 to 100 characters, such as the number of a ticket) with the same request gives the first answer and
// registers nothing twice, so that it is safe to try again.
func (p *Portal) Register(ctx context.Context, key string, r IntakeRequest) (*IntakeState, error) {
	a, err := p.Calls.IntakeRequestWithResponse(ctx, &IntakeRequestParams{IdempotencyKey: &key}, r)
	switch {
	case err != nil:
		return nil, fmt.Errorf("registering a request: %w", err)
	case a.JSON201 == nil:
		return nil, refusal(a.HTTPResponse, a.ApplicationproblemJSONDefault)
	}
	return a.JSON201, nil
}

// State tells how far a request that this client registered has come.
func (p *Portal) State(ctx context.Context, id string) (*IntakeState, error) {
	a, err := p.Calls.IntakeStateWithResponse(ctx, id)
	switch {
	case err != nil:
		return nil, fmt.Errorf("asking for a request: %w", err)
	case a.JSON200 == nil:
		return nil, refusal(a.HTTPResponse, a.ApplicationproblemJSONDefault)
	}
	return a.JSON200, nil
}

// MaySend tells, in the order of the addresses, which of them may be sent to for an activity of the register:
// whoever is suppressed or restricted is left out. Ask before each send, 1,000 addresses at a time.
func (p *Portal) MaySend(ctx context.Context, activity string, addresses ...string) ([]bool, error) {
	a, err := p.Calls.CheckRestrictionsWithResponse(ctx, RestrictionCheck{Activity: &activity, Addresses: addresses})
	switch {
	case err != nil:
		return nil, fmt.Errorf("asking for restrictions: %w", err)
	case a.JSON200 == nil:
		return nil, refusal(a.HTTPResponse, a.ApplicationproblemJSONDefault)
	}
	may := make([]bool, len(a.JSON200.Addresses))
	for i, checked := range a.JSON200.Addresses {
		may[i] = true
		for _, of := range checked.Activities {
			may[i] = may[i] && !of.Suppressed && !of.Restricted
		}
	}
	return may, nil
}
