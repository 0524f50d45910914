using System.Globalization;
using System.Text;

namespace Kybernet.Cluster;

/// <summary>Writes the steps of a background <c>up</c> into a file, a line each, for the one who waits for it.</summary>
/// <param name="path">The file.</param>
public sealed class StepFileWriter(string path) : IStepReporter
{
    private readonly Lock _gate = new();

    /// <inheritdoc/>
    public void Started(string step) => Write("started", step);

    /// <inheritdoc/>
    public void Finished(string step, TimeSpan elapsed, string detail) =>
        Write("finished", step, elapsed.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture), detail);

    /// <summary>The cluster is up.</summary>
    public void Ready(RunningCluster cluster) => Write("ready", cluster.Server.ToString(), cluster.Kubeconfig);

    /// <summary>The cluster cannot start.</summary>
    public void Failed(string message, string hint) => Write("failed", message, hint);

    private void Write(params ReadOnlySpan<string> fields)
    {
        var line = new StringBuilder();
        foreach (var field in fields)
        {
            // A tab ends a field and a newline the record: neither may come from inside one.
            line.Append(field.Replace("\t", " ", StringComparison.Ordinal).Replace("\n", "\r", StringComparison.Ordinal)).Append('\t');
        }
        lock (_gate)
        {
            File.AppendAllText(path, line.Append('\n').ToString());
        }
    }
}

/// <summary>Follows what a <see cref="StepFileWriter"/> writes, and passes it on.</summary>
internal sealed class StepFileReader(string path, IStepReporter reporter)
{
    private int _read;

    /// <summary>Why the cluster cannot start, where it has said so.</summary>
    public string? Failure { get; private set; }

    /// <summary>What to do about the failure.</summary>
    public string? Hint { get; private set; }

    /// <summary>Reads what is new.</summary>
    /// <returns>The cluster, once it is up.</returns>
    public RunningCluster? ReadNew()
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var text = File.ReadAllText(path);
        // What follows the last newline is still being written.
        var lines = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        RunningCluster? ready = null;
        for (; _read < lines.Length; _read++)
        {
            var fields = lines[_read].Split('\t');
            switch (fields[0])
            {
                case "started":
                    reporter.Started(fields[1]);
                    break;
                case "finished":
                    reporter.Finished(fields[1], TimeSpan.FromMilliseconds(double.Parse(fields[2], CultureInfo.InvariantCulture)), fields[3]);
                    break;
                case "ready":
                    ready = new RunningCluster(new Uri(fields[1]), fields[2], 0);
                    break;
                case "failed":
                    Failure = fields[1].Replace('\r', '\n');
                    Hint = fields[2].Replace('\r', '\n');
                    break;
            }
        }
        return ready;
    }
}
