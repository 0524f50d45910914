using System.Threading.Channels;
using Kybernet.Api.Core.V1;
using Kybernet.Client;
using Kybernet.Kubelet.Pods;
using Node = Kybernet.Api.Core.V1.Node;

namespace Kybernet.Kubelet.StaticPods;

/// <summary>
/// Runs the pods of a folder. They start without the API server, so that it can be one of them; once it answers, mirror pods show them there.
/// </summary>
/// <param name="files">The manifests.</param>
/// <param name="mirrors">What the API server has of them.</param>
/// <param name="known">The pods that the API server has for this node.</param>
/// <param name="workers">Where pods are run.</param>
/// <param name="node">Completes when the node is registered.</param>
/// <param name="options">Where the folder is.</param>
/// <param name="time">The clock.</param>
internal sealed class StaticPodManager(
    StaticPodFiles files, MirrorPods mirrors, IInformer<Pod> known, PodManager workers, Task<Node> node, KubeletOptions options, TimeProvider time)
    : IInformerHandler<Pod>
{
    private static readonly TimeSpan UnsettledPeriod = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Dictionary<string, Pod> _wanted = new(StringComparer.Ordinal);

    /// <summary>Looks at the folder until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        known.AddHandler(this);
        using var watcher = Watch();
        while (true)
        {
            var isSettled = Look();
            if (known.HasSynced && node.IsCompletedSuccessfully)
            {
                isSettled &= await mirrors.ReconcileAsync(await node, _wanted, workers.Has, cancellationToken);
            }
            else
            {
                isSettled &= _wanted.Count == 0;
            }
            await WaitAsync(isSettled ? options.StaticPodPeriod : UnsettledPeriod, cancellationToken);
        }
    }

    /// <summary>Starts what is new in the folder and ends what is not there any more.</summary>
    /// <returns>Whether nothing is left to be done.</returns>
    public bool Look()
    {
        var now = files.Read() ?? _wanted;
        foreach (var (uid, pod) in _wanted)
        {
            if (!now.ContainsKey(uid))
            {
                workers.OnDeleted(pod);
            }
        }
        _wanted = now;
        var isSettled = true;
        foreach (var (uid, pod) in now)
        {
            if (workers.Has(uid))
            {
                continue;
            }
            // One whose manifest changed waits until what ran by the old one has ended.
            if (workers.Find(pod.Metadata.Namespace!, pod.Metadata.Name!) is not null)
            {
                isSettled = false;
                continue;
            }
            workers.Show(pod);
        }
        return isSettled;
    }

    public void OnAdded(Pod added) => OnMirror(added);

    public void OnUpdated(Pod previous, Pod current) => OnMirror(current);

    public void OnDeleted(Pod deleted) => OnMirror(deleted);

    private void OnMirror(Pod pod)
    {
        if (!StaticPodAnnotations.IsMirror(pod))
        {
            return;
        }
        // A new one has no status yet.
        if (pod.Status.StartTime is null)
        {
            workers.RefreshVolumes(pod.Metadata.Annotations[StaticPodAnnotations.Mirror]);
        }
        Wake();
    }

    private FileSystemWatcher? Watch()
    {
        if (!Directory.Exists(options.StaticPodDirectory))
        {
            return null; // it is looked for again at times
        }
        var watcher = new FileSystemWatcher(options.StaticPodDirectory);
        watcher.Changed += (_, _) => Wake();
        watcher.Created += (_, _) => Wake();
        watcher.Deleted += (_, _) => Wake();
        watcher.Renamed += (_, _) => Wake();
        watcher.EnableRaisingEvents = true;
        return watcher;
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    private async Task WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await _wake.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // the time is over
        }
    }
}
