using System.Globalization;
using System.Text;
using Kybernet.ApiServer.Admission.Configuration;
using Kybernet.ApiServer.Audit.Events;

namespace Kybernet.ApiServer.Audit.Backends;

/// <summary>Writes events to a file, a line each, and begins another when it has become large.</summary>
internal sealed class LogBackend : IAuditSink
{
    private readonly SemaphoreSlim _gate = new(1);
    private readonly AuditLogOptions _options;
    private readonly TimeProvider _time;
    private Stream _file;

    /// <param name="options">The file.</param>
    /// <param name="time">The clock, by which earlier files are named and removed.</param>
    /// <exception cref="ConfigurationException">The file cannot be written.</exception>
    public LogBackend(AuditLogOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        try
        {
            _file = Open();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"the audit log cannot be written: {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public async Task KeepAsync(IReadOnlyList<AuditEvent> items, CancellationToken cancellationToken)
    {
        using var lines = new MemoryStream();
        foreach (var item in items)
        {
            lines.Write(_options.IsLegacy ? Encoding.UTF8.GetBytes(AuditEventText.Encode(item)) : AuditEventJson.Encode(item).Span);
            lines.WriteByte((byte)'\n');
        }
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_file is FileStream file && file.Length > 0 && file.Length + lines.Length > (long)_options.MaxMegabytes << 20)
            {
                await RotateAsync();
            }
            // Not to be broken off halfway: what follows would be on the same line.
            await _file.WriteAsync(lines.GetBuffer().AsMemory(0, (int)lines.Length), CancellationToken.None);
            await _file.FlushAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AuditException($"the audit log cannot be written: {exception.Message}", exception);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _gate.Dispose();
    }

    private Stream Open()
    {
        if (_options.Path == "-")
        {
            return Console.OpenStandardOutput();
        }
        if (Path.GetDirectoryName(_options.Path) is { Length: > 0 } directory)
        {
            Directory.CreateDirectory(directory);
        }
        return new FileStream(_options.Path, new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.Read | FileShare.Delete,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite, // bodies of Secrets may be in it
        });
    }

    private async Task RotateAsync()
    {
        await _file.DisposeAsync();
        var now = _time.GetUtcNow().UtcDateTime;
        var (stem, extension) = (Path.ChangeExtension(_options.Path, null), Path.GetExtension(_options.Path));
        File.Move(_options.Path, string.Create(CultureInfo.InvariantCulture, $"{stem}-{now:yyyy-MM-dd'T'HH-mm-ss.fff}{extension}"), overwrite: true);
        _file = Open();
        var earlier = Directory.EnumerateFiles(Path.GetDirectoryName(Path.GetFullPath(_options.Path))!, $"{Path.GetFileName(stem)}-????-??-??T??-??-??.???{extension}")
            .OrderDescending(StringComparer.Ordinal).ToArray();
        for (var i = 0; i < earlier.Length; i++)
        {
            if ((_options.MaxBackups > 0 && i >= _options.MaxBackups) || (_options.MaxDays > 0 && File.GetLastWriteTimeUtc(earlier[i]) < now.AddDays(-_options.MaxDays)))
            {
                File.Delete(earlier[i]);
            }
        }
    }
}
