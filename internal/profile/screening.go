package profile

// Screening is what the line asks of the machine that reads its reports first.
type Screening struct {
	SetAside SetAside `yaml:"set_aside"`
}

// SetAside bounds what is proposed as irrelevant: with Confidence, at most the share Missed of the relevant reports is set aside. Missed
// 0 sets nothing aside.
type SetAside struct {
	Missed     float64 `yaml:"missed"`     // 0..1, written as "1%"
	Confidence float64 `yaml:"confidence"` // 0..1, written as "95%"
}

// What a line may ask for. Less than a thousandth would need thousands of reports before anything is set aside; more than a
// tenth is no promise.
const (
	leastMissed, mostMissed         = 0.001, 0.1
	leastConfidence, mostConfidence = 0.8, 0.999
)

func (c *checker) screening(p *Profile) {
	aside := p.Screening.SetAside
	if aside.Missed != 0 && (aside.Missed < leastMissed || aside.Missed > mostMissed) {
		c.fault("screening.set_aside.missed", "a share from 0.1%% to 10%% is expected here, or 0%% where nothing is to be set aside")
	}
	if aside.Confidence < leastConfidence || aside.Confidence > mostConfidence {
		c.fault("screening.set_aside.confidence", "a share from 80%% to 99.9%% is expected here")
	}
}
