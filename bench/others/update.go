// The bulk run in Go with net/http: `concurrency` goroutines on one client; every response is parsed.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const warmUp = 500

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func update(client *http.Client, url, body string) {
	request, err := http.NewRequest("POST", url, strings.NewReader(body))
	must(err)
	request.Header.Set("Authorization", "Bearer token")
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	answer, err := client.Do(request)
	must(err)
	var route struct {
		TrunkIp1      string
		TrunkEnabled2 bool
	}
	text, err := io.ReadAll(answer.Body)
	must(err)
	must(answer.Body.Close())
	must(json.Unmarshal(text, &route))
	if answer.StatusCode != 200 || route.TrunkIp1 != "20.87.87.87" {
		must(fmt.Errorf("unexpected response"))
	}
}

func run(client *http.Client, url, body string, count, concurrency int) {
	items := make(chan int)
	var workers sync.WaitGroup
	for i := 0; i < concurrency; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for range items {
				update(client, url, body)
			}
		}()
	}
	for i := 0; i < count; i++ {
		items <- i
	}
	close(items)
	workers.Wait()
}

func cpu() float64 {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e3
}

func main() {
	url, body := os.Args[1], os.Args[4]
	count, err := strconv.Atoi(os.Args[2])
	must(err)
	concurrency, err := strconv.Atoi(os.Args[3])
	must(err)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: concurrency}}
	run(client, url, body, warmUp, concurrency)
	used, clock := cpu(), time.Now()
	run(client, url, body, count, concurrency)
	fmt.Printf("%.3f %.3f\n", (cpu()-used)/float64(count),
		float64(time.Since(clock).Nanoseconds())/1e3/float64(count))
}
