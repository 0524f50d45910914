using Kybernet.Api;
using Kybernet.Client;
using Microsoft.Extensions.Logging;

namespace Kybernet.Controllers;

/// <summary>What controllers are made of, and the loops that those made of it need to run.</summary>
/// <param name="clientFor">The API server, as the ServiceAccount of a name in kube-system.</param>
/// <param name="informers">The caches, which all controllers share.</param>
/// <param name="options">How controllers work.</param>
/// <param name="time">What delays, deadlines and dates go by.</param>
/// <param name="loggers">Where they log.</param>
internal sealed class ControllerContext(
    Func<string, ApiClient> clientFor, InformerFactory informers, ControllerOptions options, TimeProvider time, ILoggerFactory loggers)
{
    private readonly List<Func<CancellationToken, Task>> _loops = [];

    public InformerFactory Informers => informers;

    public ControllerOptions Options => options;

    public TimeProvider Time => time;

    /// <summary>The loops to run, each until it is cancelled.</summary>
    public IReadOnlyList<Func<CancellationToken, Task>> Loops => _loops;

    /// <summary>The API server, as a controller's account: what that may do is what its bootstrap role says.</summary>
    public ApiClient ClientFor(string account) => clientFor(account);

    public ILogger Logger(string name) => loggers.CreateLogger("Kybernet.Controllers." + name);

    /// <summary>The recorder of a component's events, written as its account; its loop runs with the others.</summary>
    public IEventRecorder Events(ApiClient client, string component)
    {
        var recorder = new EventRecorder(client, component, "", time, Logger("Events"));
        _loops.Add(recorder.RunAsync);
        return recorder;
    }

    public WorkQueue<NamespacedName> Queue(string name) => new(name, time);

    /// <summary>Runs a reconciler for the keys of a queue.</summary>
    public void Run(string name, IReconciler reconciler, WorkQueue<NamespacedName> queue, int workers)
    {
        var controller = new Controller(name, reconciler, queue, workers, Logger(name));
        _loops.Add(async cancellationToken =>
        {
            using (queue)
            {
                await controller.RunAsync(cancellationToken);
            }
        });
    }

    /// <summary>Runs a loop of another kind.</summary>
    public void Run(Func<CancellationToken, Task> loop) => _loops.Add(loop);
}
