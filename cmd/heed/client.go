package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"time"
)

// submission is a report as the public API takes it.
type submission struct {
	Text     string      `json:"text"`
	Language string      `json:"language,omitempty"`
	Files    []namedFile `json:"-"`
}

type namedFile struct {
	Name string
	Data []byte
}

// publicClient speaks the public API of one line.
type publicClient struct {
	base string
	http *http.Client
}

func newPublicClient(base string, connections int) *publicClient {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = connections
	transport.MaxIdleConns = connections
	return &publicClient{strings.TrimRight(base, "/"), &http.Client{Transport: transport, Timeout: 2 * time.Minute}}
}

// ready fails where no line answers.
func (c *publicClient) ready(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/readyz", nil)
	if err != nil {
		return usagef("--url: %w", err)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("no line answers: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s/readyz answers %s", c.base, response.Status)
	}
	return nil
}

// submit sends one report and answers the HTTP status; 0 with the error where no answer came.
func (c *publicClient) submit(ctx context.Context, sub *submission) (int, error) {
	body, contentType, err := sub.encode()
	if err != nil {
		return 0, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/api/v1/reports", body)
	if err != nil {
		return 0, fmt.Errorf("preparing a submission: %w", err)
	}
	request.Header.Set("Content-Type", contentType)
	response, err := c.http.Do(request)
	if err != nil {
		return 0, fmt.Errorf("submitting: %w", err)
	}
	defer response.Body.Close()
	var answer struct {
		Receipt string `json:"receipt"`
	}
	if response.StatusCode != http.StatusCreated {
		if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16)); err != nil {
			return 0, fmt.Errorf("reading a refusal: %w", err)
		}
		return response.StatusCode, nil
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return 0, fmt.Errorf("reading a receipt: %w", err)
	}
	if len(answer.Receipt) != 20 {
		return 0, fmt.Errorf("the answer holds no receipt of 20 digits")
	}
	return response.StatusCode, nil
}

func (s *submission) encode() (io.Reader, string, error) {
	if len(s.Files) == 0 {
		text, err := json.Marshal(s)
		if err != nil {
			return nil, "", fmt.Errorf("encoding a submission: %w", err)
		}
		return bytes.NewReader(text), "application/json", nil
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	err := form.WriteField("text", s.Text)
	if err == nil && s.Language != "" {
		err = form.WriteField("language", s.Language)
	}
	for _, file := range s.Files {
		if err != nil {
			break
		}
		var part io.Writer
		if part, err = form.CreateFormFile("files", file.Name); err == nil {
			_, err = part.Write(file.Data)
		}
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return nil, "", fmt.Errorf("encoding a submission: %w", err)
	}
	return &body, form.FormDataContentType(), nil
}

// staffClient speaks the staff API as the holder of a bearer token.
type staffClient struct {
	base, token string
	http        *http.Client
}

func newStaffClient(base, token string) *staffClient {
	return &staffClient{strings.TrimRight(base, "/") + "/api/v1", token, &http.Client{Timeout: time.Minute}}
}

// get reads the JSON answer to path into v.
func (c *staffClient) get(ctx context.Context, path string, v any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return fmt.Errorf("preparing a request to the desk: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	response, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("asking the desk: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the desk answers %s to %s", response.Status, firstLine(path))
	}
	if err := json.NewDecoder(response.Body).Decode(v); err != nil {
		return fmt.Errorf("reading the desk's answer: %w", err)
	}
	return nil
}
