using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.ApiServer.Authentication;
using Kybernet.Client;
using Kybernet.Testing.Nodes;
using Microsoft.Extensions.Logging;

namespace Kybernet.Testing;

public sealed partial class TestCluster
{
    private const int PodWorkers = 4;

    private readonly SemaphoreSlim _addingNode = new(1);
    private bool _runsPods;
    private Action _refreshPods = static () => { };

    /// <summary>Adds a node that has no machine. It is Ready when this returns.</summary>
    /// <param name="node">What it is like.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">There is one of that name.</exception>
    public async Task AddNodeAsync(HollowNodeOptions node, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        ThrowIfDisposed();
        await _addingNode.WaitAsync(cancellationToken);
        try
        {
            var hollow = new HollowNode(_admin, node, _kubelets.Add(node), Clock);
            await hollow.RegisterAsync(cancellationToken);
            Run(hollow.RunAsync(_stopping.Token));
            if (!_runsPods)
            {
                _runsPods = true;
                Run(RunPodsAsync(_stopping.Token));
            }
        }
        finally
        {
            _addingNode.Release();
        }
    }

    /// <summary>Asks the nodes again what becomes of their pods: for when the test has changed its mind. It does not wait for what follows.</summary>
    public void RefreshPods()
    {
        ThrowIfDisposed();
        _refreshPods();
    }

    private void Run(Task component) => _components = Task.WhenAll(_components, component);

    private async Task RunPodsAsync(CancellationToken cancellationToken)
    {
        var client = new ApiClient(_server.ConnectAs(new UserInfo("kubelet", ["system:masters", "system:authenticated"])));
        var informers = new InformerFactory(client, Clock, _options.Loggers);
        var pods = informers.Informer<Pod>();
        _kubelets.Pods = (space, name) => pods.Get(new NamespacedName(space, name));
        using var queue = new WorkQueue<NamespacedName>("hollow-pods", Clock);
        void Wake(Pod pod) => queue.Add(new NamespacedName(pod.Metadata.Namespace ?? "", pod.Metadata.Name ?? ""));
        pods.AddHandler(new InformerHandler<Pod>(Wake, (_, current) => Wake(current), Wake));
        _refreshPods = () =>
        {
            foreach (var pod in pods.List())
            {
                Wake(pod);
            }
        };
        var controller = new Controller(
            "hollow-pods", new HollowPods(client, pods, _kubelets, Clock), queue, PodWorkers, _options.Loggers.CreateLogger<Controller>());
        await Task.WhenAll(informers.RunAsync(cancellationToken), controller.RunAsync(cancellationToken));
    }
}
