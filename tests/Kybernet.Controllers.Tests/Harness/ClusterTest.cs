using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Client.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kybernet.Controllers.Tests;

/// <summary>All controllers and a kubelet that pretends, over an API server that is a dictionary, or over the real one.</summary>
public abstract class ClusterTest : IAsyncLifetime
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private protected FakeApi Api { get; } = new(TimeProvider.System);

    private protected ApiClient Client { get; private set; } = null!;

    protected CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected virtual ControllerOptions Options => new();

    /// <summary>What the controllers' clocks go by.</summary>
    private protected virtual TimeProvider Time => TimeProvider.System;

    public async ValueTask InitializeAsync()
    {
        Client = new ApiClient(await StartServerAsync());
        var manager = Server is { } server
            ? new ControllerManager(server.ClientAs("system:kube-controller-manager"), Options, Time, NullLoggerFactory.Instance) { ClientFor = server.ClientOf }
            : new ControllerManager(Client, Options, Time, NullLoggerFactory.Instance);
        _running.Add(manager.RunAsync(_stop.Token));
        var informers = new InformerFactory(Client, TimeProvider.System, NullLoggerFactory.Instance);
        var queue = new WorkQueue<NamespacedName>("kubelet", TimeProvider.System);
        var kubelet = new FakeKubelet(Client, informers.Informer<Pod>(), queue);
        kubelet.Watch();
        _running.Add(informers.RunAsync(_stop.Token));
        _running.Add(new Controller("kubelet", kubelet, queue, 1, NullLogger.Instance).RunAsync(_stop.Token));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await ((Task)Task.WhenAll(_running)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.All(_running, static task => Assert.False(task.IsFaulted, task.Exception?.ToString()));
        Assert.Equal(0, Api.OpenWatches);
        await StopServerAsync();
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The real server, where the test is about that: there, each controller is its own account.</summary>
    private protected virtual ServerInProcess? Server => null;

    /// <summary>The server that the test is about; namespaces <c>a</c> and <c>b</c> can be written to.</summary>
    private protected virtual Task<IApiTransport> StartServerAsync() => Server?.StartAsync(Cancellation) ?? Task.FromResult<IApiTransport>(Api);

    private protected virtual async Task StopServerAsync()
    {
        if (Server is { } server)
        {
            await server.DisposeAsync();
            Assert.Empty(server.Refused); // whatever else the test is about, the bootstrap roles have to suffice
        }
    }

    private protected IReadOnlyList<T> List<T>(string @namespace)
        where T : class, IResourceObject<T> => Client.ListAsync<T>(@namespace, ListSelection.All, CancellationToken.None).GetAwaiter().GetResult();

    private protected T? Find<T>(string @namespace, string name)
        where T : class, IResourceObject<T> => Client.FindAsync<T>(@namespace, name, CancellationToken.None).GetAwaiter().GetResult();

    private protected async Task<T> ChangeAsync<T>(string @namespace, string name, Func<T, T> change)
        where T : class, IResourceObject<T> => await RetryOnConflict.RunAsync(
            async cancellation => await Client.UpdateAsync(change(await Client.GetAsync<T>(@namespace, name, cancellation)), cancellation),
            TimeProvider.System,
            Cancellation);

    private protected static Deployment Deployment(string name, int replicas, string image = "good") => new()
    {
        Metadata = new ObjectMeta { Namespace = "a", Name = name },
        Spec = new DeploymentSpec
        {
            Replicas = replicas,
            RevisionHistoryLimit = 10,
            ProgressDeadlineSeconds = 600,
            Selector = new LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = name } },
            Template = Template(name, image),
        },
    };

    private protected static PodTemplateSpec Template(string app, string image) => new()
    {
        Metadata = new ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = app } },
        Spec = new PodSpec { Containers = [new Container { Name = "c", Image = image }] },
    };

    private protected static ReplicaSet ReplicaSet(string name, int replicas) => new()
    {
        Metadata = new ObjectMeta { Namespace = "a", Name = name, Labels = new Dictionary<string, string> { ["app"] = name } },
        Spec = new ReplicaSetSpec
        {
            Replicas = replicas,
            Selector = new LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = name } },
            Template = Template(name, "good"),
        },
    };

    private protected bool HasEvent(string reason, string message) =>
        List<Event>("a").Any(known => known.Reason == reason && known.Message == message);
}
