using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Kybernet.Cluster.Hosting;

/// <summary>Logs to a stream, a record a line (and an exception's lines after it): what a log file and a person read alike.</summary>
/// <param name="writer">Where to; it is not closed.</param>
/// <param name="minimum">The least level that is written.</param>
/// <param name="time">The clock.</param>
public sealed class LineLoggerProvider(TextWriter writer, LogLevel minimum, TimeProvider time) : ILoggerProvider
{
    private readonly Lock _gate = new();

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) =>
        new LineLogger(this, categoryName[(categoryName.LastIndexOf('.') + 1)..], IsFramework(categoryName));

    private static bool IsFramework(string category) =>
        category.StartsWith("Microsoft.", StringComparison.Ordinal) || category.StartsWith("Yarp.", StringComparison.Ordinal);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void Write(LogLevel level, string category, string message, Exception? exception)
    {
        var line = new StringBuilder(160)
            .Append(time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture))
            .Append(' ').Append(Short(level)).Append(' ').Append(category).Append(": ").Append(message).Append('\n');
        if (exception is not null)
        {
            line.Append("  ").Append(exception.ToString().Replace("\n", "\n  ", StringComparison.Ordinal)).Append('\n');
        }
        lock (_gate)
        {
            writer.Write(line);
            writer.Flush();
        }
    }

    private static string Short(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info ",
        LogLevel.Warning => "warn ",
        LogLevel.Error => "error",
        _ => "crit ",
    };

    private sealed class LineLogger(LineLoggerProvider owner, string category, bool isFramework) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        // The framework's own notes (each connection, each request) are of use only when it warns.
        public bool IsEnabled(LogLevel logLevel) => logLevel >= owner._minimum && (!isFramework || logLevel >= LogLevel.Warning) && logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                owner.Write(logLevel, category, formatter(state, exception), exception);
            }
        }
    }

    private readonly LogLevel _minimum = minimum;
}
