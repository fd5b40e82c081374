package keyring

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
)

// A sealed stream is
//
//	"mininfo-age-1\n" ‖ length (2 bytes) ‖ age identity sealed under the data key ‖ age file
//
// Each stream has its own X25519 identity, bound to the place; age encrypts in chunks of 64 KiB of
// which the last is marked, so that a cut stream is noticed.
const streamMagic = "mininfo-age-1\n"

const maxStreamHeader = 1024

// SealWriter encrypts what is written for one place. The stream is whole only after Close; Close does
// not close w.
func (k DataKey) SealWriter(w io.Writer, at Place) (io.WriteCloser, error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("sealing a stream: %w", err)
	}
	sealed, err := k.Seal([]byte(id.String()), streamPlace(at))
	if err != nil {
		return nil, err
	}
	header := append([]byte(streamMagic), binary.BigEndian.AppendUint16(nil, uint16(len(sealed)))...)
	if _, err := w.Write(append(header, sealed...)); err != nil {
		return nil, fmt.Errorf("sealing a stream: %w", err)
	}
	out, err := age.Encrypt(w, id.Recipient())
	if err != nil {
		return nil, fmt.Errorf("sealing a stream: %w", err)
	}
	return out, nil
}

// OpenReader decrypts a sealed stream. A stream that was cut, altered or moved ends in an error, never
// in io.EOF; nothing that was altered is ever given out.
func (k DataKey) OpenReader(r io.Reader, at Place) (io.Reader, error) {
	id, _, err := k.readStreamHeader(r, at)
	if err != nil {
		return nil, err
	}
	plain, err := age.Decrypt(r, id)
	if err != nil {
		return nil, errStream(err)
	}
	return streamReader{plain}, nil
}

// OpenReaderAt decrypts any part of a sealed stream of size bytes, and tells the size of the plain
// content. Parts that are not read are not checked.
func (k DataKey) OpenReaderAt(r io.ReaderAt, size int64, at Place) (io.ReaderAt, int64, error) {
	id, start, err := k.readStreamHeader(io.NewSectionReader(r, 0, size), at)
	if err != nil {
		return nil, 0, err
	}
	plain, n, err := age.DecryptReaderAt(io.NewSectionReader(r, start, size-start), size-start, id)
	if err != nil {
		return nil, 0, errStream(err)
	}
	return streamReaderAt{plain}, n, nil
}

// streamPlace keeps identities of streams apart from ordinary values of the same place.
func streamPlace(at Place) Place {
	at.Column += "\x00stream"
	return at
}

func (k DataKey) readStreamHeader(r io.Reader, at Place) (*age.X25519Identity, int64, error) {
	if k.IsZero() {
		return nil, 0, ErrNoKey
	}
	head := make([]byte, len(streamMagic)+2)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, 0, errStream(err)
	}
	n := int(binary.BigEndian.Uint16(head[len(streamMagic):]))
	if !bytes.HasPrefix(head, []byte(streamMagic)) || n > maxStreamHeader {
		return nil, 0, ErrSealed
	}
	sealed := make([]byte, n)
	if _, err := io.ReadFull(r, sealed); err != nil {
		return nil, 0, errStream(err)
	}
	text, err := k.Open(sealed, streamPlace(at))
	if err != nil {
		return nil, 0, err
	}
	id, err := age.ParseX25519Identity(string(text))
	if err != nil {
		return nil, 0, ErrSealed
	}
	return id, int64(len(head) + n), nil
}

// errStream makes every way of failing an ErrSealed, and keeps the cause.
func errStream(err error) error {
	if errors.Is(err, ErrSealed) {
		return err
	}
	if errors.Is(err, io.EOF) { // a cut header must not look like an end
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: %w", ErrSealed, err)
}

type streamReader struct{ r io.Reader }

func (s streamReader) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		err = errStream(err)
	}
	return n, err
}

type streamReaderAt struct{ r io.ReaderAt }

func (s streamReaderAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := s.r.ReadAt(p, off)
	if err != nil && err != io.EOF {
		err = errStream(err)
	}
	return n, err
}
