using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage.V1;
using Kybernet.Kubelet.Tests.Real.Plugins;
using Capability = Kybernet.Kubelet.Volumes.Csi.V1.NodeServiceCapability.Types.RPC.Types.Type;

namespace Kybernet.Kubelet.Tests.Real;

/// <summary>The kubelet's own API, asked as the API server asks it.</summary>
[Collection("real pods")]
public sealed class KubeletServerTests(RuntimeFixture fixture)
{
    private readonly TestCertificates _certificates = TestCertificates.Make();

    [Fact]
    [Trait("Conformance", "kubelet-log-output-default")]
    public async Task Logs_come_whole_in_part_and_as_they_are_written()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var rig = await StartAsync(cancellationToken);
        await rig.CreateAsync("talks", """
            { "containers": [ { "name": "c", "command": ["sh", "-c", "echo one; echo two; echo three; while [ ! -f /tmp/go ]; do sleep 0.1; done; echo four; sleep 0.3; exit 1"] } ], "restartPolicy": "Never" }
            """, cancellationToken);
        var pod = await rig.WaitReadyAsync("talks", cancellationToken);
        using var http = HttpClientOf(_certificates.Client);
        var address = await AddressAsync(rig, cancellationToken);

        Assert.Equal("one\ntwo\nthree\n", await WaitForLogAsync(http, $"{address}/containerLogs/default/talks/c", "three\n", cancellationToken));
        Assert.Equal("three\n", await http.GetStringAsync($"{address}/containerLogs/default/talks/c?tailLines=1", cancellationToken));
        Assert.Equal("one\nt", await http.GetStringAsync($"{address}/containerLogs/default/talks/c?limitBytes=5", cancellationToken));
        Assert.Equal("", await http.GetStringAsync($"{address}/containerLogs/default/talks/c?sinceTime=2999-01-01T00:00:00Z", cancellationToken));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT.*Z one\n", await http.GetStringAsync($"{address}/containerLogs/default/talks/c?timestamps=true", cancellationToken));
        using var missing = await http.GetAsync($"{address}/containerLogs/default/talks/none", cancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        using var previous = await http.GetAsync($"{address}/containerLogs/default/talks/c?previous=true", cancellationToken);
        Assert.Equal("previous terminated container \"c\" in pod \"talks\" not found", await previous.Content.ReadAsStringAsync(cancellationToken));

        var following = http.GetStringAsync($"{address}/containerLogs/default/talks/c?follow=true&tailLines=1", cancellationToken);
        await rig.ExecAsync(pod, cancellationToken, "touch", "/tmp/go");
        Assert.Equal("three\nfour\n", await following);
    }

    [Fact]
    [Trait("Conformance", "pods-remote-command-execution-over-websocket")]
    public async Task A_command_runs_over_a_websocket_that_is_handed_to_the_runtime()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var rig = await StartAsync(cancellationToken);
        await rig.CreateAsync("exec", """{ "containers": [ { "name": "c", "command": ["sleep", "1000"] } ] }""", cancellationToken);
        await rig.WaitReadyAsync("exec", cancellationToken);
        var address = await AddressAsync(rig, cancellationToken);

        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("v4.channel.k8s.io");
        socket.Options.ClientCertificates.Add(_certificates.Client);
        socket.Options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        var url = address.Replace("https", "wss", StringComparison.Ordinal) + "/exec/default/exec/c?command=sh&command=-c&command=cat%3B+exit+7&input=1&output=1&error=1";
        await socket.ConnectAsync(new Uri(url), cancellationToken);
        await socket.SendAsync(Encoding.UTF8.GetBytes("\0hello\n"), WebSocketMessageType.Binary, true, cancellationToken);
        Assert.Equal("\u0001hello\n", await ReceiveAsync(socket, cancellationToken));
    }

    [Fact]
    public async Task A_refused_upgrade_and_a_missing_pod_are_said_so()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var rig = await StartAsync(cancellationToken);
        await rig.CreateAsync("exec", """{ "containers": [ { "name": "c", "command": ["sleep", "1000"] } ] }""", cancellationToken);
        await rig.WaitReadyAsync("exec", cancellationToken);
        using var http = HttpClientOf(_certificates.Client);
        var address = await AddressAsync(rig, cancellationToken);

        using var plain = await http.PostAsync($"{address}/exec/default/exec/c?command=true&output=1", null, cancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, plain.StatusCode);
        using var missing = await http.PostAsync($"{address}/exec/default/none/c?command=true", null, cancellationToken);
        Assert.Equal((HttpStatusCode.NotFound, "pod \"none\" not found"), (missing.StatusCode, await missing.Content.ReadAsStringAsync(cancellationToken)));
        Assert.Equal("ok", await http.GetStringAsync($"{address}/healthz", cancellationToken));
        var pods = JsonNode.Parse(await http.GetStringAsync($"{address}/pods", cancellationToken))!;
        Assert.Equal("exec", pods["items"]![0]!["metadata"]!["name"]!.GetValue<string>());
        var summary = JsonNode.Parse(await http.GetStringAsync($"{address}/stats/summary", cancellationToken))!;
        Assert.Equal("c", summary["pods"]![0]!["containers"]![0]!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task Callers_are_known_by_certificate_or_token_and_may_do_what_the_cluster_allows_them()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var rig = await StartAsync(cancellationToken);
        var address = await AddressAsync(rig, cancellationToken);

        Assert.Equal((401, "Unauthorized"), await AskAsync(_certificates.Stranger, null, "/pods"));
        Assert.Equal((401, "Unauthorized"), await AskAsync(null, null, "/healthz"));
        Assert.Equal((401, "Unauthorized"), await AskAsync(null, "wrong", "/healthz"));
        Assert.Equal((200, "ok"), await AskAsync(null, "client", "/healthz"));
        Assert.Equal((200, "ok"), await AskAsync(_certificates.Client, null, "/healthz/syncloop"));
        Assert.Equal((403, "Forbidden (user=other, verb=get, resource=nodes, subresource(s)=[pods proxy])"), await AskAsync(null, "other", "/pods"));
        Assert.Equal((403, "Forbidden (user=other, verb=get, resource=nodes, subresource(s)=[metrics])"), await AskAsync(null, "other", "/metrics/cadvisor"));

        async Task<(int Code, string Body)> AskAsync(X509Certificate2? certificate, string? token, string path)
        {
            using var http = HttpClientOf(certificate);
            using var request = new HttpRequestMessage(HttpMethod.Get, address + path);
            request.Headers.Authorization = token is null ? null : new("Bearer", token);
            using var response = await http.SendAsync(request, cancellationToken);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        }
    }

    [Fact]
    public async Task Metrics_pods_configuration_and_logs_of_the_node_are_served()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var rig = await StartAsync(cancellationToken);
        await rig.CreateAsync("web", """{ "containers": [ { "name": "c", "command": ["sleep", "1000"], "readinessProbe": { "exec": { "command": ["true"] }, "periodSeconds": 1 } } ] }""", cancellationToken);
        var pod = await rig.WaitReadyAsync("web", cancellationToken);
        var address = await AddressAsync(rig, cancellationToken);
        using var http = HttpClientOf(_certificates.Client);
        Task<string> GetAsync(string path) => http.GetStringAsync(address + path, cancellationToken);

        var figures = await GetAsync("/metrics/cadvisor");
        Assert.Matches($$"""container_memory_working_set_bytes\{container="c",id="/kybernet-test-[^"]*/kubepods/besteffort/pod{{pod.Metadata.Uid}}/[0-9a-f]{64}",image="[^"]+",name="[0-9a-f]{64}",namespace="default",pod="web"\} \d+ \d+""", figures);
        Assert.Matches("""container_cpu_usage_seconds_total\{container="c",cpu="total",""", figures);
        Assert.Contains("""pod_cpu_usage_seconds_total{namespace="default",pod="web"}""", await GetAsync("/metrics/resource"), StringComparison.Ordinal);
        Assert.Matches($$"""prober_probe_total\{container="c",namespace="default",pod="web",pod_uid="{{pod.Metadata.Uid}}",probe_type="Readiness",result="successful"\} \d+""", await GetAsync("/metrics/probes"));
        Assert.Contains($"kubelet_node_name{{node=\"{rig.Options.NodeName}\"}} 1\n", await GetAsync("/metrics"), StringComparison.Ordinal);
        Assert.Equal("web", (string?)JsonNode.Parse(await GetAsync("/pods"))!["items"]![0]!["metadata"]!["name"]);
        Assert.Contains(JsonNode.Parse(await GetAsync("/runningpods/"))!["items"]!.AsArray(), item => (string?)item!["metadata"]!["uid"] == pod.Metadata.Uid);
        Assert.Equal(110, (int)JsonNode.Parse(await GetAsync("/configz"))!["kubeletconfig"]!["maxPods"]!);
        Assert.Contains("<a href=\"words.log\">words.log</a>", await GetAsync("/logs/"), StringComparison.Ordinal);
        Assert.Equal("some words", await GetAsync("/logs/words.log"));
        using var outside = await http.GetAsync($"{address}/logs/..%2fsecret", cancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, outside.StatusCode);
    }

    [Fact]
    public async Task The_node_says_what_it_is_and_its_lease_that_it_lives()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var rig = await StartAsync(cancellationToken);
        await AddressAsync(rig, cancellationToken);

        var node = await rig.Client.GetAsync<Node>("", rig.Options.NodeName, cancellationToken);
        Assert.Equal(rig.Options.NodeName, node.Metadata.Labels["kubernetes.io/hostname"]);
        Assert.Equal("linux", node.Metadata.Labels["kubernetes.io/os"]);
        Assert.Contains(node.Status.Conditions, static condition => condition is { Type: "Ready", Status: "True", Reason: "KubeletReady" });
        Assert.StartsWith("containerd://1.", node.Status.NodeInfo!.ContainerRuntimeVersion, StringComparison.Ordinal);
        Assert.Equal(File.ReadLines("/proc/cpuinfo").Count(static line => line.StartsWith("processor", StringComparison.Ordinal)), node.Status.Capacity["cpu"].ToInt64());
        Assert.True(node.Status.Allocatable["memory"] < node.Status.Capacity["memory"]);
        Assert.Contains(node.Status.Images, static image => image.Names.Any(static name => name.Contains("busybox", StringComparison.Ordinal)));
        await Client.Tests.Eventually.TrueAsync(() => rig.Api.Calls.Any(static call => call.Contains("/leases", StringComparison.Ordinal) && call.StartsWith("POST", StringComparison.Ordinal)), "a lease");
        var lease = await rig.Client.GetAsync<Api.Coordination.V1.Lease>("kube-node-lease", rig.Options.NodeName, cancellationToken);
        Assert.Equal((rig.Options.NodeName, 40), (lease.Spec.HolderIdentity, lease.Spec.LeaseDurationSeconds));
        Assert.Equal(node.Metadata.Uid, Assert.Single(lease.Metadata.OwnerReferences).Uid);
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        // The first messages of each channel are empty: they say that it is open.
        var buffer = new byte[1024];
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer, cancellationToken);
            if (result.Count > 1)
            {
                return Encoding.UTF8.GetString(buffer, 0, result.Count);
            }
            Assert.NotEqual(WebSocketMessageType.Close, result.MessageType);
        }
    }

    [Fact]
    public async Task The_summary_says_how_full_a_storage_drivers_volume_is()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var rig = await StartAsync(cancellationToken);
        rig.Plugins.Add(await FolderDriver.StartAsync(rig, cancellationToken, Capability.GetVolumeStats));
        await rig.Client.CreateAsync(
            new CSIDriver { Metadata = new() { Name = FolderDriver.Name }, Spec = new CSIDriverSpec { AttachRequired = false, VolumeLifecycleModes = ["Ephemeral"] } }, cancellationToken);
        await rig.CreateAsync("full", """
            { "volumes": [ { "name": "data", "csi": { "driver": "folders.csi.test" } } ],
              "containers": [ { "name": "c", "command": ["sleep", "1000"], "volumeMounts": [ { "name": "data", "mountPath": "/data" } ] } ] }
            """, cancellationToken);
        await rig.WaitReadyAsync("full", cancellationToken);
        using var http = HttpClientOf(_certificates.Client);
        var address = await AddressAsync(rig, cancellationToken);

        JsonNode? volume = null;
        await Client.Tests.Eventually.TrueAsync(
            async () =>
            {
                var summary = JsonNode.Parse(await http.GetStringAsync($"{address}/stats/summary", cancellationToken))!;
                volume = summary["pods"]!.AsArray().SelectMany(static pod => pod!["volume"]?.AsArray() ?? []).FirstOrDefault();
                return volume is not null;
            },
            "the volume's figures");
        Assert.Equal(("data", 100, 40, 60), ((string?)volume!["name"], (int)volume["capacityBytes"]!, (int)volume["usedBytes"]!, (int)volume["availableBytes"]!));
    }

    private static async Task<string> WaitForLogAsync(HttpClient http, string url, string end, CancellationToken cancellationToken)
    {
        for (var started = TimeProvider.System.GetTimestamp(); ;)
        {
            var log = await http.GetStringAsync(url, cancellationToken);
            if (log.EndsWith(end, StringComparison.Ordinal) || TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(20))
            {
                return log;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    private static HttpClient HttpClientOf(X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true } };
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
        }
        return new HttpClient(handler);
    }

    // Where it listens is what the Node says.
    private static async Task<string> AddressAsync(KubeletRig rig, CancellationToken cancellationToken)
    {
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(20);)
        {
            var node = await rig.Client.FindAsync<Node>("", rig.Options.NodeName, cancellationToken);
            if (node?.Status.DaemonEndpoints?.KubeletEndpoint?.Port is { } port and not 0)
            {
                return $"https://127.0.0.1:{port}";
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
        throw new SocketException((int)SocketError.TimedOut);
    }

    private Task<KubeletRig> StartAsync(CancellationToken cancellationToken) => KubeletRig.StartAsync(fixture, cancellationToken, options =>
    {
        var logs = Directory.CreateDirectory(Path.Combine(options.RootDirectory, "machine-logs"));
        File.WriteAllText(Path.Combine(logs.FullName, "words.log"), "some words");
        File.WriteAllText(Path.Combine(options.RootDirectory, "secret"), "not for everybody");
        return options with { ServerCertificate = () => _certificates.Server, ClientAuthority = _certificates.Authority, SystemLogsDirectory = logs.FullName };
    });
}
