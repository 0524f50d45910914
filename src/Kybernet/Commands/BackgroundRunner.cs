using Kybernet.Cluster;
using Kybernet.Output;

namespace Kybernet.Commands;

/// <summary>Runs what goes on until it is stopped, as a verb was asked to: at the terminal, or in a background process that the verb waits for.</summary>
/// <param name="data">Whose process it is.</param>
/// <param name="time">The clock.</param>
internal sealed class BackgroundRunner(DataDirectory data, TimeProvider time)
{
    /// <summary>Finds out what would keep it from starting.</summary>
    public required Func<CancellationToken, Task> Check { get; init; }

    /// <summary>Runs it: is given where to tell of steps, where to log, whom to tell that it is up, and the token that ends it.</summary>
    public required Func<IStepReporter, TextWriter, Action<RunningCluster>, CancellationToken, Task> Run { get; init; }

    /// <summary>The command line of a foreground run.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Says that it is up, and whether in the foreground.</summary>
    public required Action<RunningCluster, bool> Ready { get; init; }

    /// <summary>Says what a foreground run that was interrupted leaves behind.</summary>
    public required Action Stopped { get; init; }

    /// <summary>Runs it.</summary>
    /// <param name="detach">Whether to start the background process and return when it is up.</param>
    /// <param name="stepFile">Where to tell the one who waits, if this is the background process; null otherwise.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<int> RunAsync(bool detach, string? stepFile, CancellationToken cancellationToken)
    {
        if (stepFile is not null)
        {
            return await RunInBackgroundAsync(new StepFileWriter(stepFile), cancellationToken);
        }
        using var steps = StepPrinter.Create(time);
        await Check(cancellationToken);
        if (detach)
        {
            var cluster = await new DetachedCluster(time).StartAsync(data, Arguments, steps, cancellationToken);
            steps.Complete();
            Ready(cluster, false);
            return 0;
        }
        await Run(
            steps,
            Console.Error,
            cluster =>
            {
                steps.Complete();
                Ready(cluster, true);
            },
            cancellationToken);
        Stopped();
        return 0;
    }

    private async Task<int> RunInBackgroundAsync(StepFileWriter steps, CancellationToken cancellationToken)
    {
        try
        {
            await Run(steps, Console.Out, steps.Ready, cancellationToken);
            return 0;
        }
        catch (ClusterException e)
        {
            steps.Failed(e.Message, e.Hint);
            throw;
        }
    }
}
