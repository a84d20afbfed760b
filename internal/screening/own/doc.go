// Package own finds where a text seems to say who its writer is: "my name is", "my number is", "I live at", in the ten
// languages of the word lists. The portal asks it before an anonymous report is sent, so that the reporter may think again;
// review asks it before a report is screened for the phone numbers and e-mail addresses alone that are surely the writer's,
// masks those and keeps the full text with the Identity.
//
// It may import the sibling packages details and fold. It sees a text and keeps nothing of it.
package own
