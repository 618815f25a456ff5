// Sort keys of vercmp, KEY_VERSION 1: "keys rpm|dpkg" reads a version a line and writes the key of each in hexadecimal,
// "?" where the scheme refuses the version. The layout is that of docs/guide/key-layout.md.
package main

import (
	"fmt"
	"io"
	"math/bits"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// A block of numbers: its first tag, and how many tags stand for one number and for 256.
type block struct{ tag, singles, doubles int }

var ofRPM, ofDPKG, dotted = block{0x6c, 114, 24}, block{0x02, 72, 8}, block{0x96, 83, 8}
var dpkgEpoch = regexp.MustCompile(`^[\n\v\f\r]*(?:\+?0*([0-9]{1,10})|-0+):`)

func bigEndian(key []byte, value uint64, size int) []byte {
	for size--; size >= 0; size-- {
		key = append(key, byte(value>>(8*size)))
	}
	return key
}

func number(key []byte, run string, in block) []byte {
	digits := strings.TrimLeft(run, "0")
	if n := len(digits); n > 19 {
		size := (bits.Len(uint(n)) + 7) / 8
		key = bigEndian(append(key, byte(in.tag+in.singles+in.doubles+9), byte(size)), uint64(n), size)
		for digits = strings.Repeat("0", n%2) + digits; digits != ""; digits = digits[2:] {
			key = append(key, 10*(digits[0]-'0')+digits[1]-'0')
		}
		return key
	}
	value, _ := strconv.ParseUint("0"+digits, 10, 64)
	rest, tag := value, uint64(in.tag)
	for more, tags := range []int{in.singles, in.doubles, 2, 2} {
		numbers := uint64(tags) << (8 * more)
		if rest < numbers {
			return bigEndian(key, tag<<(8*more)+rest, 1+more)
		}
		rest, tag = rest-numbers, tag+uint64(tags)
	}
	size := (bits.Len64(value) + 7) / 8
	return bigEndian(append(key, byte(tag)+byte(size-4)), value, size)
}

// How many digits the text begins with.
func digits(text string) int { return len(text) - len(strings.TrimLeft(text, "0123456789")) }

// The place of a letter in A to Z, a to z, or -1.
func letter(c byte) int {
	return strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", c)
}

func segment(key []byte, text string) []byte {
	for n := 1; text != ""; text, n = text[n:], 1 {
		switch c := text[0]; {
		case c == '~':
			key = append(key, 0x01)
		case c == '^':
			key = append(key, 0x03)
		case digits(text) > 0:
			n = digits(text)
			key = number(key, text[:n], ofRPM)
		case letter(c) >= 0 && len(text) > 1 && letter(text[1]) >= 0:
			key = append(key, byte(0x05+2*letter(c)))
		case letter(c) >= 0:
			key = append(key, byte(0x04+2*letter(c)))
		}
	}
	return append(key, 0x02)
}

func part(key []byte, text string) []byte {
	if text == "" || digits(text[len(text)-1:]) == 0 {
		text += "0"
	}
	for n := 1; text != ""; text, n = text[n:], 1 {
		c, own := text[0], strings.IndexByte("~+,-./:", text[0])
		switch {
		case digits(text) > 0:
			n = digits(text)
			key = number(key, text[:n], ofDPKG)
		case c == '.' && digits(text[1:]) > 0:
			n = 1 + digits(text[1:])
			key = number(key, text[1:n], dotted)
		case c == '.' && text[1] == '~':
			n, key = 2, append(key, 0x95)
		case letter(c) >= 0:
			key = append(key, byte(0x5c+letter(c)))
		case own >= 0:
			key = append(key, "\x00\x92\x93\x94\xfb\xfc\xfd"[own])
		case c >= 0x80:
			key = append(key, 0x90, c)
		case c < '+':
			key = append(key, 0x91, c)
		default:
			key = append(key, 0xfe, c)
		}
	}
	return append(key, 0x01)
}

func rpm(version string) []byte {
	if version == "" || strings.Contains(version, "\x00") {
		return nil
	}
	epoch := ""
	if n := digits(version); n < len(version) && version[n] == ':' {
		epoch, version = version[:n], version[n+1:]
	}
	key := number(nil, epoch, ofRPM)
	if dash := strings.LastIndexByte(version, '-'); dash >= 0 {
		return segment(segment(key, version[:dash]), version[dash+1:])
	}
	return append(segment(key, version), 0x00)
}

func dpkg(version string) []byte {
	text, epoch, revision := strings.Trim(version, " \t"), "", "0"
	if strings.Contains(text, ":") {
		found := dpkgEpoch.FindStringSubmatch(text)
		if found == nil {
			return nil
		}
		epoch, text = found[1], text[len(found[0]):]
	}
	if value, _ := strconv.ParseInt("0"+epoch, 10, 64); value > 0x7fffffff || strings.ContainsAny(text, " \t\x00") {
		return nil
	}
	if dash := strings.LastIndexByte(text, '-'); dash >= 0 {
		text, revision = text[:dash], text[dash+1:]
	}
	if text == "" || revision == "" {
		return nil
	}
	return part(part(number(nil, epoch, ofDPKG), text), revision)
}

func main() {
	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	write := map[string]func(string) []byte{"rpm": rpm, "dpkg": dpkg}[os.Args[1]]
	for _, version := range strings.Split(strings.TrimSuffix(string(input), "\n"), "\n") {
		if key := write(version); key != nil {
			fmt.Printf("%x\n", key)
		} else {
			fmt.Println("?")
		}
	}
}
