using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Controllers.History;
using Kybernet.Client;

namespace Kybernet.Controllers.StatefulSets;

/// <summary>
/// One look at a StatefulSet and its pods, by ordinal: those that are wanted (made up where they are missing), and those beyond, which are condemned.
/// In order, each step waits until what comes before it is available: then pods are made by rising ordinal and deleted by falling ordinal, one at a time.
/// </summary>
internal sealed class StatefulRollout
{
    private readonly StatefulSet _set;
    private readonly StatefulPodControl _control;
    private readonly StatefulClaims _claims;
    private readonly DateTimeOffset _now;
    private readonly ControllerRevision _current;
    private readonly ControllerRevision _update;
    private readonly Pod[] _replicas;
    private readonly List<(int Ordinal, Pod Pod)> _condemned = [];
    private readonly bool _isOrdered;

    public StatefulRollout(
        StatefulSet set, List<Pod> pods, ControllerRevision current, ControllerRevision update, StatefulPodControl control, StatefulClaims claims, DateTimeOffset now)
    {
        (_set, _control, _claims, _now, _current, _update) = (set, control, claims, now, current, update);
        _isOrdered = set.Spec.PodManagementPolicy != StatefulSetNames.Parallel;
        var existing = new Pod?[set.Wanted()];
        foreach (var pod in pods)
        {
            var ordinal = StatefulPods.OrdinalIn(set, pod.Metadata.Name)!.Value;
            if (ordinal >= set.Start() && ordinal - set.Start() < existing.Length)
            {
                existing[ordinal - set.Start()] = pod;
            }
            else
            {
                _condemned.Add((ordinal, pod));
            }
        }
        _condemned.Sort(static (left, right) => right.Ordinal.CompareTo(left.Ordinal));
        _replicas = new Pod[existing.Length];
        for (var i = 0; i < existing.Length; i++)
        {
            _replicas[i] = existing[i] ?? Describe(set.Start() + i);
        }
    }

    /// <summary>All pods that are there, as far as is known after acting.</summary>
    public IEnumerable<Pod> Pods => _replicas.Where(static pod => pod.IsCreated()).Concat(_condemned.Select(static condemned => condemned.Pod));

    /// <exception cref="ApiException">A write was refused.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!await ForAllAsync(_replicas.Length, i => FillAsync(i, cancellationToken))
            || !await ForAllAsync(_condemned.Count, i => KeepClaimsAsync(_condemned[i], cancellationToken))
            || !await ForAllAsync(_condemned.Count, i => CondemnAsync(_condemned[i].Pod, cancellationToken))
            || _set.Spec.UpdateStrategy?.Type == StatefulSetNames.OnDelete)
        {
            return;
        }
        await UpdateAsync(cancellationToken);
    }

    /// <summary>Pods below the partition stay at the revision that was current before the update began, and come back at it.</summary>
    private Pod Describe(int ordinal)
    {
        var strategy = _set.Spec.UpdateStrategy;
        var kept = strategy?.RollingUpdate?.Partition ?? (strategy?.RollingUpdate is null ? _set.Status.CurrentReplicas ?? 0 : 0);
        var isKept = strategy?.Type != StatefulSetNames.OnDelete && ordinal < _set.Start() + kept;
        var revision = isKept ? _current : _update;
        return StatefulPods.Describe(_set, TemplateRevision.Template(revision), revision.Metadata.Name!, ordinal);
    }

    /// <summary>In order, the first step that has to wait holds up the rest; otherwise all are taken at once.</summary>
    /// <returns>Whether what comes after may go on.</returns>
    private async Task<bool> ForAllAsync(int count, Func<int, Task<bool>> step)
    {
        if (_isOrdered)
        {
            for (var i = 0; i < count; i++)
            {
                if (!await step(i))
                {
                    return false;
                }
            }
            return true;
        }
        var next = -1;
        var (_, failure) = await SlowStart.RunAsync(count, () => step(Interlocked.Increment(ref next)));
        failure?.Throw();
        return true;
    }

    /// <summary>Sees to it that an ordinal has its pod.</summary>
    /// <returns>Whether the next ordinal may go on.</returns>
    private async Task<bool> FillAsync(int index, CancellationToken cancellationToken)
    {
        var (pod, ordinal) = (_replicas[index], _set.Start() + index);
        if (pod.IsTerminal())
        {
            // Whatever it ended with: a pod of a StatefulSet is to run for ever. Its successor comes when it is gone.
            if (pod.Metadata.DeletionTimestamp is null)
            {
                await _control.DeleteAsync(_set, pod, cancellationToken);
            }
            return false;
        }
        if (!pod.IsCreated())
        {
            if (await _control.CreateAsync(_set, pod, ordinal, cancellationToken) is { } made)
            {
                _replicas[index] = made;
            }
            return false; // what follows waits for it to be available
        }
        if (pod.Status.Phase is null or PodStatuses.Pending && pod.Metadata.DeletionTimestamp is null)
        {
            await _claims.CreateMissingAsync(_set, ordinal, cancellationToken);
        }
        if (_isOrdered && IsUnavailable(pod))
        {
            return false;
        }
        await _control.MendAsync(_set, pod, ordinal, cancellationToken);
        return true;
    }

    private async Task<bool> KeepClaimsAsync((int Ordinal, Pod Pod) condemned, CancellationToken cancellationToken)
    {
        await _claims.ApplyRetentionAsync(_set, condemned.Pod, condemned.Ordinal, cancellationToken);
        return true;
    }

    private async Task<bool> CondemnAsync(Pod pod, CancellationToken cancellationToken)
    {
        if (pod.Metadata.DeletionTimestamp is not null)
        {
            return !_isOrdered;
        }
        if (_isOrdered && IsUnavailable(pod) && !ReferenceEquals(pod, FirstUnavailable()))
        {
            return false;
        }
        await _control.DeleteAsync(_set, pod, cancellationToken);
        return false;
    }

    private Pod? FirstUnavailable() =>
        _replicas.FirstOrDefault(IsUnavailable) ?? Enumerable.Reverse(_condemned).Select(static condemned => condemned.Pod).FirstOrDefault(IsUnavailable);

    private bool IsUnavailable(Pod pod) =>
        pod.Metadata.DeletionTimestamp is not null || pod.Status.Phase != PodStatuses.Running || !pod.IsAvailable(_set.Spec.MinReadySeconds ?? 0, _now);

    /// <summary>Deletes pods of another revision, from the highest ordinal down to the partition, as many as may be unavailable at once.</summary>
    private async Task UpdateAsync(CancellationToken cancellationToken)
    {
        var rolling = _set.Spec.UpdateStrategy?.RollingUpdate;
        var allowed = Math.Max(1, rolling?.MaxUnavailable?.Scale(_replicas.Length, roundUp: true) ?? 1) - _replicas.Count(IsUnavailable);
        for (var i = _replicas.Length - 1; i >= (rolling?.Partition ?? 0) && allowed > 0; i--)
        {
            if (StatefulPods.RevisionOf(_replicas[i]) != _update.Metadata.Name && _replicas[i].Metadata.DeletionTimestamp is null)
            {
                await _control.DeleteAsync(_set, _replicas[i], cancellationToken);
                allowed--;
            }
        }
    }
}
