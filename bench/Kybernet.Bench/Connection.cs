using System.Buffers.Text;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Kybernet.Bench;

/// <summary>
/// One keep-alive TLS connection that speaks just enough HTTP/1.1: the load shares the machine with the server, so it must cost as little as it can.
/// </summary>
internal sealed class Connection : IAsyncDisposable
{
    private readonly SslStream _stream;
    private byte[] _buffer = new byte[256 * 1024];
    private int _start;
    private int _end;

    private Connection(SslStream stream) => _stream = stream;

    public static async Task<Connection> OpenAsync(int port, X509Certificate2 client, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "127.0.0.1",
                ClientCertificates = [client],
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            },
            cancellationToken);
        return new Connection(stream);
    }

    /// <summary>Builds a request's bytes.</summary>
    public static byte[] Request(string method, string path, ReadOnlySpan<byte> body = default, string contentType = "application/json")
    {
        var head = Encoding.ASCII.GetBytes(
            $"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nContent-Type: {contentType}\r\nContent-Length: {body.Length}\r\n\r\n");
        return [.. head, .. body];
    }

    /// <summary>Sends a request and reads its answer whole.</summary>
    /// <returns>The status and the body's length in bytes.</returns>
    public async Task<(int Status, long Bytes)> SendAsync(byte[] request, CancellationToken cancellationToken)
    {
        var (status, length) = await BeginAsync(request, cancellationToken);
        await SkipAsync(length, cancellationToken);
        return (status, length);
    }

    /// <summary>Sends a request for a stream and reads the head of its answer.</summary>
    public async Task<(int Status, long Length)> BeginAsync(byte[] request, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(request, cancellationToken);
        int end;
        while ((end = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0)
        {
            await FillAsync(cancellationToken);
        }
        var head = _buffer.AsSpan(_start, end);
        Utf8Parser.TryParse(head[9..], out int status, out _);
        var at = head.IndexOf("Content-Length: "u8);
        var length = 0L;
        if (at >= 0)
        {
            Utf8Parser.TryParse(head[(at + 16)..], out length, out _);
        }
        _start += end + 4;
        return (status, length);
    }

    /// <summary>Counts the lines of a stream as they come: the events of a watch.</summary>
    public async Task<int> ReadLinesAsync(CancellationToken cancellationToken)
    {
        await FillAsync(cancellationToken);
        // Every event ends in "}\n"; the frames of the chunked encoding between them end in "\r\n".
        var lines = 0;
        var span = _buffer.AsSpan(_start, _end - _start);
        for (var i = span.IndexOf((byte)'\n'); i >= 0; i = span.IndexOf((byte)'\n'))
        {
            lines += i > 0 && span[i - 1] == (byte)'}' ? 1 : 0;
            span = span[(i + 1)..];
        }
        // A newline whose brace was the last byte of the piece before is kept together with it.
        _start = span.Length > 0 && span[^1] == (byte)'}' ? _end - 1 : _end;
        return lines;
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task SkipAsync(long length, CancellationToken cancellationToken)
    {
        while (length > 0)
        {
            if (_start == _end)
            {
                await FillAsync(cancellationToken);
            }
            var take = (int)Math.Min(length, _end - _start);
            _start += take;
            length -= take;
        }
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_end == _buffer.Length)
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
            _end -= _start;
            _start = 0;
            if (_end == _buffer.Length)
            {
                Array.Resize(ref _buffer, _buffer.Length * 2);
            }
        }
        var read = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read > 0 ? read : throw new IOException("the server closed the connection");
    }
}
