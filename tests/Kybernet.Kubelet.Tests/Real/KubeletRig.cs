using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Client.Tests;
using Kybernet.Kubelet.Runtime;
using Kybernet.Kubelet.Shutdown;
using Microsoft.Extensions.Logging.Abstractions;
using Pod = Kybernet.Api.Core.V1.Pod;

namespace Kybernet.Kubelet.Tests.Real;

/// <summary>A whole kubelet on the tests' containerd, against an API server that is a dictionary.</summary>
internal sealed class KubeletRig : IAsyncDisposable
{
    private const string Token = "eyJ0ZXN0Ijp0cnVlfQ";
    private readonly string _folder;
    private readonly string _node = $"node-{Guid.NewGuid():N}"[..12];
    private CancellationTokenSource _ending = new();
    private Task _running = Task.CompletedTask;
    private IShutdownInhibitor? _inhibitor;

    private KubeletRig(RuntimeFixture fixture)
    {
        _folder = Path.Combine(fixture.Root, _node);
        Api = new FakeApi(TimeProvider.System) { Intercept = call => AnswerTokens(call) ?? AnswerReviews(call) };
        Options = new KubeletOptions
        {
            NodeName = _node,
            RootDirectory = Path.Combine(_folder, "kubelet"),
            PodLogsDirectory = Path.Combine(_folder, "pods"),
            ContainerLogsDirectory = Path.Combine(_folder, "containers"),
            RuntimeEndpoint = fixture.Endpoint,
            NodeIP = "127.0.0.1",
            ListenAddress = "127.0.0.1",
            Port = 0,
            ClusterDns = ["10.96.0.10"],
            CgroupRoot = $"/kybernet-test-{_node}",
            RelistPeriod = TimeSpan.FromMilliseconds(200),
            SyncPeriod = TimeSpan.FromSeconds(2),
            // All tests share them: none may lose them to a full disk.
            PinnedImages = new HashSet<string> { RuntimeFixture.Pause, RuntimeFixture.Image },
        };
        Runtime = new CriRuntime(fixture.Endpoint);
    }

    public FakeApi Api { get; }

    public ApiClient Client => Api.Client;

    public KubeletOptions Options { get; set; }

    public CriRuntime Runtime { get; }

    /// <summary>What the kubelet needs until its pods have gone, and is disposed of then.</summary>
    public List<IAsyncDisposable> Plugins { get; } = [];

    /// <summary>Starts one, with a containerd that runs.</summary>
    public static async Task<KubeletRig> StartAsync(RuntimeFixture fixture, CancellationToken cancellationToken, Func<KubeletOptions, KubeletOptions>? configure = null, IShutdownInhibitor? inhibitor = null)
    {
        await fixture.StartAsync(cancellationToken);
        var rig = new KubeletRig(fixture) { _inhibitor = inhibitor };
        rig.Options = configure?.Invoke(rig.Options) ?? rig.Options;
        rig.Start();
        return rig;
    }

    /// <summary>Starts the kubelet, again after <see cref="StopAsync"/>.</summary>
    public void Start()
    {
        _ending = new CancellationTokenSource();
        var host = new KubeletHost(Client, Options, TimeProvider.System, NullLoggerFactory.Instance);
        _running = _inhibitor is null ? host.RunAsync(_ending.Token) : host.RunAsync(Runtime, _inhibitor, _ending.Token);
    }

    /// <summary>Stops the kubelet; its pods go on.</summary>
    public async Task StopAsync()
    {
        await _ending.CancelAsync();
        await _running;
        _ending.Dispose();
    }

    /// <summary>Makes a pod on the node from its spec's JSON; missing parts get the usual defaults.</summary>
    public Task<Pod> CreateAsync(string name, string spec, CancellationToken cancellationToken, string metadata = "{}")
    {
        var tree = JsonNode.Parse(spec)!.AsObject();
        tree["nodeName"] = _node;
        tree["terminationGracePeriodSeconds"] ??= 2;
        foreach (var container in (tree["containers"]!.AsArray()).Concat(tree["initContainers"]?.AsArray() ?? []))
        {
            container!["image"] ??= RuntimeFixture.Image;
            container["terminationMessagePath"] ??= "/dev/termination-log";
            container["imagePullPolicy"] ??= "IfNotPresent";
        }
        var meta = ModelJson.Parse<ObjectMeta>(JsonNode.Parse(metadata)!);
        var pod = new Pod { Metadata = meta with { Name = name, Namespace = "default" }, Spec = ModelJson.Parse<PodSpec>(tree) };
        return Client.CreateAsync(pod, cancellationToken);
    }

    public Task<Pod?> FindAsync(string name, CancellationToken cancellationToken) => Client.FindAsync<Pod>("default", name, cancellationToken);

    /// <summary>Waits until a pod is as wished.</summary>
    public async Task<Pod> WaitAsync(string name, string what, Func<Pod, bool> condition, CancellationToken cancellationToken)
    {
        Pod? last = null;
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60);)
        {
            Assert.False(_running.IsFaulted, $"the kubelet ended: {_running.Exception}");
            last = await FindAsync(name, cancellationToken);
            if (last is not null && condition(last))
            {
                return last;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
        Assert.Fail($"waited in vain for {what}: {(last is null ? "no pod" : ModelJson.ToText(last.Status))}\n{string.Join('\n', await EventsAsync(cancellationToken))}");
        return last!;
    }

    public async Task WaitGoneAsync(string name, CancellationToken cancellationToken)
    {
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60);)
        {
            if (await FindAsync(name, cancellationToken) is null)
            {
                return;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
        Assert.Fail($"pod {name} does not go: {ModelJson.ToText((await FindAsync(name, cancellationToken))!)}");
    }

    public Task<Pod> WaitReadyAsync(string name, CancellationToken cancellationToken) =>
        WaitAsync(name, "Ready", static pod => pod.Status.Conditions.Any(condition => condition is { Type: "Ready", Status: "True" }), cancellationToken);

    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        await Client.DeleteAsync<Pod>("default", name, new DeleteOptions(), cancellationToken);
        await WaitGoneAsync(name, cancellationToken);
    }

    /// <summary>All events, as <c>Reason: message</c>.</summary>
    public async Task<IReadOnlyList<string>> EventsAsync(CancellationToken cancellationToken) =>
        (await Client.ListAsync<Event>("default", ListSelection.All, cancellationToken)).Select(item => $"{item.Reason}: {item.Message}").ToArray();

    /// <summary>Waits for an event whose reason and message begin with a text.</summary>
    public Task WaitEventAsync(string prefix, CancellationToken cancellationToken) => UntilAsync(
        async () => (await EventsAsync(cancellationToken)).Any(item => item.StartsWith(prefix, StringComparison.Ordinal)), $"event {prefix}", cancellationToken);

    /// <summary>Waits for what is asked elsewhere.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, string what, CancellationToken cancellationToken)
    {
        for (var started = TimeProvider.System.GetTimestamp(); !await condition();)
        {
            Assert.False(_running.IsFaulted, $"the kubelet ended: {_running.Exception}");
            Assert.True(
                TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60), $"waited in vain: {what}\n{string.Join('\n', await EventsAsync(cancellationToken))}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>What a command in a pod's first container prints.</summary>
    public async Task<string> ExecAsync(Pod pod, CancellationToken cancellationToken, params string[] command)
    {
        var id = pod.Status.ContainerStatuses[0].ContainerID!["containerd://".Length..];
        var result = await Runtime.ExecAsync(id, command, TimeSpan.FromSeconds(20), cancellationToken);
        return Encoding.UTF8.GetString(result.Output) + Encoding.UTF8.GetString(result.Error);
    }

    /// <summary>What a container's log says, without the runtime's prefixes.</summary>
    public string ReadLog(Pod pod, string container, int attempt = 0) => Kubelet.Logs.LogTail.Read(
        Path.Combine(Options.PodLogsDirectory, $"default_{pod.Metadata.Name}_{pod.Metadata.Uid}", container, $"{attempt}.log"), 1000, 1 << 20);

    public async ValueTask DisposeAsync()
    {
        if (_running.IsFaulted)
        {
            await _running;
        }
        try
        {
            await RemovePodsAsync();
        }
        finally
        {
            // A kubelet that went on would take the next test's pods for nobody's.
            await StopAsync();
            foreach (var plugin in Plugins)
            {
                await plugin.DisposeAsync();
            }
            Runtime.Dispose();
        }
        RemoveCgroups();
    }

    private async Task RemovePodsAsync()
    {
        foreach (var pod in await Client.ListAsync<Pod>("default", ListSelection.All, CancellationToken.None))
        {
            await Client.DeleteAsync<Pod>("default", pod.Metadata.Name!, new DeleteOptions { GracePeriodSeconds = 1 }, CancellationToken.None);
        }
        foreach (var pod in await Client.ListAsync<Pod>("default", ListSelection.All, CancellationToken.None))
        {
            await WaitGoneAsync(pod.Metadata.Name!, CancellationToken.None);
        }
        // The pods' workers take away what is left on the node right after the API server has forgotten them.
        await Eventually.TrueAsync(() => !Directory.Exists(Options.PodsDirectory) || !Directory.EnumerateFileSystemEntries(Options.PodsDirectory).Any(), "pods' folders go");
    }

    private static ApiReply? AnswerTokens(ApiCall call)
    {
        if (call.Method != HttpMethod.Post || !call.PathAndQuery.EndsWith("/token", StringComparison.Ordinal))
        {
            return null;
        }
        var answer = JsonNode.Parse(call.Body.Span)!.AsObject();
        answer["status"] = new JsonObject { ["token"] = Token, ["expirationTimestamp"] = "2099-01-01T00:00:00Z" };
        return new ApiReply(201, ModelJson.ToUtf8(answer));
    }

    // Whoever is called "client" may do everything, and the bearer of the token "client" is him.
    private static ApiReply? AnswerReviews(ApiCall call)
    {
        if (call.Method != HttpMethod.Post || !call.PathAndQuery.Contains("reviews", StringComparison.Ordinal))
        {
            return null;
        }
        var review = JsonNode.Parse(call.Body.Span)!.AsObject();
        review["status"] = (string?)review["spec"]!["token"] is { } token
            ? new JsonObject { ["authenticated"] = token != "wrong", ["user"] = new JsonObject { ["username"] = token, ["groups"] = new JsonArray("system:authenticated") } }
            : new JsonObject { ["allowed"] = (string?)review["spec"]!["user"] == "client" };
        return new ApiReply(201, ModelJson.ToUtf8(review));
    }

    private void RemoveCgroups()
    {
        foreach (var controller in Directory.EnumerateDirectories("/sys/fs/cgroup"))
        {
            Remove(controller + Options.CgroupRoot);
        }
        Remove("/sys/fs/cgroup" + Options.CgroupRoot);
    }

    private static void Remove(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }
        foreach (var child in Directory.GetDirectories(folder))
        {
            Remove(child);
        }
        Directory.Delete(folder);
    }
}
