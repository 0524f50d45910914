using System.Threading.Channels;
using Kybernet.Api;
using Kybernet.Api.Flowcontrol.V1;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Bootstrap;
using Kybernet.ApiServer.Storage;
using Kybernet.Client;
using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.FlowControl;

/// <summary>
/// Sees to it that the objects of flow control stay there, and says in the status of each flow schema whether its priority level exists.
/// </summary>
internal sealed partial class FlowControlKeeper(
    StoreFollower follower, ApiClient client, Bootstrapper bootstrapper, TimeProvider time, ILogger<FlowControlKeeper> logger)
{
    private const string Dangling = "Dangling";
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    // One pending word is enough: whoever reads it looks at all schemas.
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var observer = new Observer(_changes.Writer);
        using var schemas = follower.Cache(FlowControlResources.Schemas).Subscribe(observer);
        using var levels = follower.Cache(FlowControlResources.Levels).Subscribe(observer);
        while (true)
        {
            await WaitAsync(cancellationToken);
            try
            {
                await bootstrapper.EnsureFlowControlAsync(cancellationToken);
                await UpdateStatusAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is ApiException or ApiUnavailableException)
            {
                LogFailed(exception);
            }
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var pause = new CancellationTokenSource(Period, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(pause.Token, cancellationToken);
        try
        {
            await _changes.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing has changed; what failed before is tried again.
        }
    }

    private async Task UpdateStatusAsync(CancellationToken cancellationToken)
    {
        var levels = follower.Cache(FlowControlResources.Levels);
        foreach (var item in follower.Cache(FlowControlResources.Schemas).Snapshot.Items.Values)
        {
            var schema = item.As<FlowSchema>();
            var level = schema.Spec.PriorityLevelConfiguration.Name;
            var condition = ConditionOf(level, levels.Find("", level) is not null);
            var before = schema.Status.Conditions.FirstOrDefault(static each => each.Type == Dangling);
            if (before is not null && before.Status == condition.Status && before.Message == condition.Message)
            {
                continue;
            }
            await client.UpdateStatusAsync(
                schema with { Status = schema.Status with { Conditions = [.. schema.Status.Conditions.Where(static each => each.Type != Dangling), condition] } }, cancellationToken);
        }
    }

    private FlowSchemaCondition ConditionOf(string level, bool exists) => new()
    {
        Type = Dangling,
        Status = exists ? "False" : "True",
        Reason = exists ? "Found" : "NotFound",
        Message = exists
            ? $"This FlowSchema references the PriorityLevelConfiguration object named \"{level}\" and it exists"
            : $"This FlowSchema references the PriorityLevelConfiguration object named \"{level}\" and there is no such object",
        LastTransitionTime = time.GetUtcNow(),
    };

    [LoggerMessage(LogLevel.Debug, "The objects of flow control could not be brought up to date; it will be tried again")]
    private partial void LogFailed(Exception exception);

    private sealed class Observer(ChannelWriter<bool> changes) : IObjectObserver
    {
        public void OnChanged(EncodedObject item) => changes.TryWrite(true);

        public void OnDeleted(EncodedObject item) => changes.TryWrite(true);
    }
}
