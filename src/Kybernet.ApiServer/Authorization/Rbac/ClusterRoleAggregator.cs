using System.Threading.Channels;
using Kybernet.Api;
using Kybernet.Api.Rbac.V1;
using Kybernet.Client;
using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.Authorization.Rbac;

/// <summary>Keeps the rules of the cluster roles that gather others' rules up to date: upstream's clusterrole-aggregation controller.</summary>
/// <param name="feeds">The roles.</param>
/// <param name="client">Writes them; the user has to be allowed to escalate.</param>
/// <param name="time">The clock of retries.</param>
/// <param name="logger">Told of writes that fail.</param>
public sealed partial class ClusterRoleAggregator(IObjectFeeds feeds, ApiClient client, TimeProvider time, ILogger<ClusterRoleAggregator> logger)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, EncodedObject> _roles = new(StringComparer.Ordinal);

    // One pending word is enough: whoever reads it looks at all roles.
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var subscription = feeds.Of(RbacResources.ClusterRoles).Subscribe(new Observer(this));
        while (await _changes.Reader.WaitToReadAsync(cancellationToken))
        {
            _changes.Reader.TryRead(out _);
            if (!await AggregateAsync(cancellationToken))
            {
                await Task.Delay(RetryDelay, time, cancellationToken);
                _changes.Writer.TryWrite(true);
            }
        }
    }

    /// <summary>Writes every role whose rules are not what they should be.</summary>
    /// <returns>Whether all writes succeeded.</returns>
    private async Task<bool> AggregateAsync(CancellationToken cancellationToken)
    {
        ClusterRole[] roles;
        lock (_gate)
        {
            roles = _roles.Values.Select(role => role.As<ClusterRole>()).ToArray();
        }
        var succeeded = true;
        foreach (var role in roles)
        {
            if (RoleAggregation.RulesOf(role, roles) is not { } rules || RoleAggregation.Same(rules, role.Rules))
            {
                continue;
            }
            try
            {
                await client.UpdateAsync(role with { Rules = rules }, cancellationToken);
            }
            catch (Exception exception) when (exception is ApiException or ApiUnavailableException)
            {
                // Mostly a write that was quicker: its event is on the way, and the next round sees it.
                LogFailed(exception, role.Metadata.Name ?? "");
                succeeded = false;
            }
        }
        return succeeded;
    }

    [LoggerMessage(LogLevel.Debug, "The rules of cluster role {Role} could not be updated yet")]
    private partial void LogFailed(Exception exception, string role);

    private sealed class Observer(ClusterRoleAggregator owner) : IObjectObserver
    {
        public void OnChanged(EncodedObject item)
        {
            lock (owner._gate)
            {
                owner._roles[item.Key.Name] = item;
            }
            owner._changes.Writer.TryWrite(true);
        }

        public void OnDeleted(EncodedObject item)
        {
            lock (owner._gate)
            {
                owner._roles.Remove(item.Key.Name);
            }
            owner._changes.Writer.TryWrite(true);
        }
    }
}
