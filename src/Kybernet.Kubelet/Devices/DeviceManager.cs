using System.Threading.Channels;
using Kybernet.Kubelet.Devices.V1Beta1;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Devices;

/// <summary>
/// Knows the devices that plugins tell of and who has which. What a container was given it keeps, also over restarts of the kubelet and of the plugin,
/// until its pod ends.
/// </summary>
internal sealed partial class DeviceManager(DeviceCheckpoint checkpoint, TimeProvider time, ILogger<DeviceManager> logger)
{
    // How long devices of a plugin that is gone are still counted as the node's.
    private static readonly TimeSpan Mourning = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, DevicePool> _pools = new(StringComparer.Ordinal);
    private readonly Channel<DevicePluginSession> _arrived = Channel.CreateUnbounded<DevicePluginSession>();
    private readonly Dictionary<string, DevicePluginSession> _newest = new(StringComparer.Ordinal);
    private IReadOnlyList<DeviceAssignment> _assignments = [];

    /// <summary>Remembers what was given by the kubelet before this one.</summary>
    public void Restore()
    {
        IReadOnlyList<string> resources = [];
        try
        {
            (_assignments, resources) = checkpoint.Read();
        }
        catch (DeviceException exception)
        {
            // As upstream: better a device given twice than a node without a kubelet.
            LogForgotten(exception.Message);
        }
        foreach (var resource in resources)
        {
            _pools[resource] = new DevicePool(resource, null, new Dictionary<string, Device>()) { AbandonedAt = time.GetUtcNow() };
        }
    }

    /// <summary>Listens to the plugins that have registered until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var following = new List<Task>();
        try
        {
            await foreach (var session in _arrived.Reader.ReadAllAsync(cancellationToken))
            {
                following.RemoveAll(static task => task.IsCompleted);
                following.Add(FollowAsync(session, cancellationToken));
            }
        }
        finally
        {
            await Task.WhenAll(following).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Takes a plugin, in place of the one that served the resource before.</summary>
    public void Register(string resource, string socket, DevicePluginOptions? options)
    {
        var session = new DevicePluginSession(resource, socket, options);
        lock (_gate)
        {
            _newest[resource] = session;
        }
        _arrived.Writer.TryWrite(session);
    }

    /// <summary>How many devices of each resource the node has, and how many of them can be used.</summary>
    public IReadOnlyList<(string Resource, int Capacity, int Allocatable)> Count()
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            return [.. _pools.Values.Select(pool => pool.Plugin is null && now - pool.AbandonedAt >= Mourning
                ? (pool.Resource, 0, 0)
                : (pool.Resource, pool.Devices.Count, pool.Healthy.Count()))];
        }
    }

    /// <summary>The pools as they are.</summary>
    public IReadOnlyList<DevicePool> Pools()
    {
        lock (_gate)
        {
            return [.. _pools.Values];
        }
    }

    /// <summary>The pool of a resource; null where it is no plugin's.</summary>
    public DevicePool? Find(string resource)
    {
        lock (_gate)
        {
            return _pools.GetValueOrDefault(resource);
        }
    }

    /// <summary>What the containers of a pod have.</summary>
    public IReadOnlyList<DeviceAssignment> Of(string podUid)
    {
        lock (_gate)
        {
            return [.. _assignments.Where(assignment => assignment.PodUid == podUid)];
        }
    }

    /// <summary>Chooses what is nobody's among a resource's devices, and keeps it for the container until the plugin has said how it sees them.</summary>
    /// <param name="wish">The container and resource; with those devices that it may share with containers before it.</param>
    /// <param name="count">How many.</param>
    /// <param name="preferred">Those that are best taken.</param>
    /// <exception cref="DeviceException">There are too few.</exception>
    public DeviceAssignment Reserve(DeviceAssignment wish, int count, IReadOnlyList<string> preferred)
    {
        lock (_gate)
        {
            var available = AvailableFor(wish, count);
            List<string> chosen = [.. wish.Devices.Take(count)];
            chosen.AddRange(preferred.Where(available.Contains).Concat(available).Except(chosen, StringComparer.Ordinal).Distinct(StringComparer.Ordinal).Take(count - chosen.Count));
            var reserved = wish with { Devices = chosen };
            _assignments = [.. _assignments, reserved];
            return reserved;
        }
    }

    /// <summary>The devices that a container could have besides those that it may share.</summary>
    /// <exception cref="DeviceException">There are too few.</exception>
    public IReadOnlyList<string> Available(DeviceAssignment wish, int count)
    {
        lock (_gate)
        {
            return AvailableFor(wish, count);
        }
    }

    /// <summary>Makes what was reserved lasting.</summary>
    public void Confirm(DeviceAssignment reserved, ContainerAllocateResponse answer)
    {
        lock (_gate)
        {
            _assignments = [.. _assignments.Where(other => other != reserved), reserved with { Answer = answer }];
            Save();
        }
    }

    /// <summary>Gives back what was reserved.</summary>
    public void Cancel(DeviceAssignment reserved)
    {
        lock (_gate)
        {
            _assignments = [.. _assignments.Where(other => other != reserved)];
        }
    }

    /// <summary>Takes back what a pod had of which nothing runs any more.</summary>
    public void Release(string podUid)
    {
        lock (_gate)
        {
            if (_assignments.Any(assignment => assignment.PodUid == podUid))
            {
                _assignments = [.. _assignments.Where(assignment => assignment.PodUid != podUid)];
                Save();
            }
        }
    }

    private List<string> AvailableFor(DeviceAssignment wish, int count)
    {
        var resource = wish.Resource;
        var healthy = _pools.TryGetValue(resource, out var pool) ? pool.Healthy.ToArray() : throw new DeviceException($"cannot allocate unregistered device {resource}");
        if (healthy.Length == 0)
        {
            throw new DeviceException($"no healthy devices present; cannot allocate unhealthy devices {resource}");
        }
        var taken = _assignments.Where(other => other.Resource == resource).SelectMany(static other => other.Devices).ToHashSet(StringComparer.Ordinal);
        var available = healthy.Where(device => !taken.Contains(device)).Order(StringComparer.Ordinal).ToList();
        var missing = count - wish.Devices.Count;
        return available.Count >= missing
            ? available
            : throw new DeviceException($"requested number of devices unavailable for {resource}. Requested: {missing}, Available: {available.Count}");
    }

    private async Task FollowAsync(DevicePluginSession session, CancellationToken cancellationToken)
    {
        using (session)
        {
            LogRegistered(session.Resource);
            var why = await session.FollowAsync(devices => Show(session, devices), cancellationToken);
            lock (_gate)
            {
                if (_pools.TryGetValue(session.Resource, out var pool) && pool.Plugin == session)
                {
                    _pools[session.Resource] = pool with { Plugin = null, AbandonedAt = time.GetUtcNow() };
                }
            }
            LogGone(session.Resource, why);
        }
    }

    private void Show(DevicePluginSession session, IReadOnlyList<Device> devices)
    {
        lock (_gate)
        {
            if (_newest[session.Resource] != session)
            {
                return;
            }
            _pools[session.Resource] = new DevicePool(session.Resource, session, devices.ToDictionary(static device => device.ID, StringComparer.Ordinal));
            Save();
        }
    }

    private void Save() => checkpoint.Write(
        _assignments.Where(static assignment => assignment.Answer is not null),
        _pools.Values.ToDictionary(static pool => pool.Resource, static pool => (IReadOnlyList<string>)[.. pool.Healthy], StringComparer.Ordinal));

    [LoggerMessage(LogLevel.Error, "Who has which devices is not known: {Problem}")]
    private partial void LogForgotten(string problem);

    [LoggerMessage(LogLevel.Information, "A plugin for devices {Resource} is registered")]
    private partial void LogRegistered(string resource);

    [LoggerMessage(LogLevel.Information, "The plugin for devices {Resource} is gone: {Why}")]
    private partial void LogGone(string resource, string why);
}
