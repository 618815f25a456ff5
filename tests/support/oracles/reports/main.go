// What libraries of Go load of our reports. Each line of standard input is a format, a tab and a path. The answer is a
// line too: the path, the number of findings that the library has then, and its error, which is empty where it took it.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/gocsaf/csaf/v3/csaf"
	"github.com/joshdk/go-junit"
	"github.com/openvex/go-vex/pkg/vex"
)

// Products of statements. What go-vex writes again is loaded again.
func openvex(path string) (int, error) {
	document, err := vex.Open(path)
	if err != nil {
		return 0, err
	}
	var again bytes.Buffer
	if err := document.ToJSON(&again); err != nil {
		return 0, err
	}
	if document, err = vex.Parse(again.Bytes()); err != nil {
		return 0, err
	}
	count := 0
	for _, statement := range document.Statements {
		if err := statement.Validate(); err != nil {
			return 0, err
		}
		for _, product := range statement.Products {
			if len(document.Matches(string(statement.Vulnerability.Name), product.ID, subcomponents(product))) == 0 {
				return 0, fmt.Errorf("no statement matches %s of %s", statement.Vulnerability.Name, product.ID)
			}
			count += max(1, len(product.Subcomponents))
		}
	}
	return count, nil
}

func subcomponents(product vex.Product) []string {
	ids := []string{}
	for _, one := range product.Subcomponents {
		ids = append(ids, one.ID)
	}
	return ids
}

// Components that vulnerabilities affect.
func cyclonedx(path string) (int, error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	bom := new(cdx.BOM)
	if err := cdx.NewBOMDecoder(file, cdx.BOMFileFormatJSON).Decode(bom); err != nil {
		return 0, err
	}
	var again bytes.Buffer
	if err := cdx.NewBOMEncoder(&again, cdx.BOMFileFormatXML).EncodeVersion(bom, bom.SpecVersion); err != nil {
		return 0, err
	}
	if err := cdx.NewBOMDecoder(&again, cdx.BOMFileFormatXML).Decode(new(cdx.BOM)); err != nil {
		return 0, err
	}
	count := 0
	if bom.Vulnerabilities != nil {
		for _, one := range *bom.Vulnerabilities {
			count += len(*one.Affects)
		}
	}
	return count, nil
}

// Products with a status, by the schema that the library brings, its types, and its rules about ids that stand for nothing.
func csafvex(path string) (int, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	var document any
	if err := json.Unmarshal(content, &document); err != nil {
		return 0, err
	}
	found, err := csaf.ValidateCSAF(document)
	if err != nil {
		return 0, err
	}
	if len(found) > 0 {
		return 0, fmt.Errorf("%s", strings.Join(found, ", "))
	}
	advisory, err := csaf.LoadAdvisory(path)
	if err != nil {
		return 0, err
	}
	count := 0
	for _, one := range advisory.Vulnerabilities {
		status := one.ProductStatus
		for _, products := range []*csaf.Products{
			status.FirstAffected, status.FirstFixed, status.Fixed, status.KnownAffected, status.KnownNotAffected,
			status.LastAffected, status.UnderInvestigation,
		} {
			if products != nil {
				count += len(*products)
			}
		}
	}
	return count, nil
}

// Cases that failed.
func junitxml(path string) (int, error) {
	suites, err := junit.IngestFile(path)
	if err != nil {
		return 0, err
	}
	count := 0
	for _, suite := range suites {
		count += suite.Totals.Failed
	}
	return count, nil
}

func main() {
	readers := map[string]func(string) (int, error){
		"openvex": openvex, "cyclonedx": cyclonedx, "cyclonedx-1.7": cyclonedx, "csaf-vex": csafvex, "junit": junitxml,
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		format, path, _ := strings.Cut(lines.Text(), "\t")
		count, err := readers[format](path)
		said := ""
		if err != nil {
			said = strings.Join(strings.Fields(err.Error()), " ")
		}
		fmt.Printf("%s\t%d\t%s\n", path, count, said)
	}
}
