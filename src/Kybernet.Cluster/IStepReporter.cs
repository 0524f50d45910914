namespace Kybernet.Cluster;

/// <summary>Is told what <c>up</c> and <c>down</c> are doing. Steps may overlap; calls may come from any thread.</summary>
public interface IStepReporter
{
    /// <summary>A step has begun.</summary>
    void Started(string step);

    /// <summary>A step is done.</summary>
    /// <param name="step">Which.</param>
    /// <param name="elapsed">How long it took.</param>
    /// <param name="detail">What came of it, in a few words; empty for nothing to say.</param>
    void Finished(string step, TimeSpan elapsed, string detail);
}

/// <summary>Runs steps so that they are reported.</summary>
internal static class StepReporterExtensions
{
    /// <summary>Runs one step; what it returns is its detail.</summary>
    public static async Task RunAsync(this IStepReporter reporter, TimeProvider time, string step, Func<Task<string>> work)
    {
        reporter.Started(step);
        var begin = time.GetTimestamp();
        var detail = await work();
        reporter.Finished(step, time.GetElapsedTime(begin), detail);
    }
}
