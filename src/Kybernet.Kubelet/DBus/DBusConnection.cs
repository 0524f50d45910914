using System.Net.Sockets;
using System.Text;
using Kybernet.Kubelet.Native;
using Microsoft.Win32.SafeHandles;

namespace Kybernet.Kubelet.DBus;

/// <summary>
/// A connection to a message bus, of one user: calls are made one after another, and what else comes in the meantime is kept until it is asked for.
/// Files that come with a message are received too, which is why the socket is read by the system call for it.
/// </summary>
internal sealed class DBusConnection : IDisposable
{
    private const string Bus = "org.freedesktop.DBus";

    private readonly Socket _socket;
    private readonly Queue<DBusMessage> _kept = new();
    private readonly List<SafeFileHandle> _files = [];
    private byte[] _received = [];
    private uint _serial;

    private DBusConnection(Socket socket) => _socket = socket;

    /// <summary>The name that the bus gave it.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Connects and says hello.</summary>
    /// <param name="address">As in <c>unix:path=/run/dbus/system_bus_socket</c>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    /// <exception cref="DBusException">The bus refuses.</exception>
    public static async Task<DBusConnection> OpenAsync(string address, CancellationToken cancellationToken)
    {
        var connection = new DBusConnection(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified));
        try
        {
            await connection._socket.ConnectAsync(new UnixDomainSocketEndPoint(PathOf(address)), cancellationToken);
            await connection.AuthenticateAsync(cancellationToken);
            var hello = await connection.CallAsync(Call(Bus, "/org/freedesktop/DBus", Bus, "Hello"), cancellationToken);
            connection.Name = new DBusReader(hello).Text();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A call, yet without what it takes.</summary>
    public static DBusMessage Call(string destination, string path, string @interface, string member) =>
        new(DBusMessageType.MethodCall) { Destination = destination, Path = path, Interface = @interface, Member = member };

    /// <summary>Has signals sent here that match a rule.</summary>
    public Task AddMatchAsync(string rule, CancellationToken cancellationToken) => CallAsync(
        Call(Bus, "/org/freedesktop/DBus", Bus, "AddMatch") with { Signature = "s", Body = new DBusWriter().Text(rule).Written }, cancellationToken);

    /// <summary>Makes a call and waits for its answer.</summary>
    /// <exception cref="DBusException">Who was called says that it went wrong, or the connection ended.</exception>
    public async Task<DBusMessage> CallAsync(DBusMessage call, CancellationToken cancellationToken)
    {
        var serial = await SendAsync(call, cancellationToken);
        while (true)
        {
            var message = await ReceiveAsync(cancellationToken);
            if (message.ReplySerial != serial)
            {
                _kept.Enqueue(message);
                continue;
            }
            return message.Type == DBusMessageType.Error
                ? throw new DBusException($"{call.Member}: {message.ErrorName}{(message.Signature.StartsWith('s') ? ": " + new DBusReader(message).Text() : "")}")
                : message;
        }
    }

    /// <summary>Sends a message.</summary>
    /// <returns>The number that its answer will name.</returns>
    public async Task<uint> SendAsync(DBusMessage message, CancellationToken cancellationToken)
    {
        var bytes = DBusEncoding.Encode(message with { Serial = ++_serial });
        while (bytes.Length > 0)
        {
            bytes = bytes[await _socket.SendAsync(bytes, cancellationToken)..];
        }
        return _serial;
    }

    /// <summary>Waits for the next message that answers no call.</summary>
    /// <exception cref="DBusException">The connection ended.</exception>
    public async Task<DBusMessage> NextAsync(CancellationToken cancellationToken) =>
        _kept.TryDequeue(out var kept) ? kept : await ReceiveAsync(cancellationToken);

    public void Dispose()
    {
        _socket.Dispose();
        _files.ForEach(static file => file.Dispose());
    }

    /// <summary>The socket itself, for what is sent in other ways.</summary>
    internal SafeSocketHandle Handle => _socket.SafeHandle;

    private static string PathOf(string address)
    {
        foreach (var part in address[(address.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(','))
        {
            if (address.StartsWith("unix:", StringComparison.Ordinal) && part.StartsWith("path=", StringComparison.Ordinal))
            {
                return part["path=".Length..];
            }
        }
        throw new DBusException($"{address} is no bus at a path");
    }

    // The kernel tells the bus who connects.
    private async Task AuthenticateAsync(CancellationToken cancellationToken)
    {
        await SayAsync("\0AUTH EXTERNAL\r\n", cancellationToken);
        await ExpectAsync("DATA", cancellationToken);
        await SayAsync("DATA\r\n", cancellationToken);
        await ExpectAsync("OK ", cancellationToken);
        await SayAsync("NEGOTIATE_UNIX_FD\r\n", cancellationToken);
        await ExpectAsync("AGREE_UNIX_FD", cancellationToken);
        await SayAsync("BEGIN\r\n", cancellationToken);
    }

    private async Task SayAsync(string line, CancellationToken cancellationToken) =>
        await _socket.SendAsync(Encoding.ASCII.GetBytes(line), cancellationToken);

    private async Task ExpectAsync(string prefix, CancellationToken cancellationToken)
    {
        int end;
        while ((end = _received.AsSpan().IndexOf("\r\n"u8)) < 0)
        {
            await ReadMoreAsync(cancellationToken);
        }
        var line = Encoding.ASCII.GetString(_received, 0, end);
        _received = _received[(end + 2)..];
        if (!line.StartsWith(prefix, StringComparison.Ordinal))
        {
            throw new DBusException($"the bus answers \"{line}\"");
        }
    }

    private async Task<DBusMessage> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (_received.Length < DBusEncoding.PreambleLength || _received.Length < DBusEncoding.LengthOf(_received))
        {
            await ReadMoreAsync(cancellationToken);
        }
        var length = DBusEncoding.LengthOf(_received);
        var message = DBusEncoding.Decode(_received.AsMemory(0, length));
        _received = _received[length..];
        // Files come with the first byte of their message, and in its order.
        var count = Math.Min((int)message.FileCount, _files.Count);
        var files = _files[..count];
        _files.RemoveRange(0, count);
        return message with { Files = files };
    }

    private async Task ReadMoreAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        // Only waits until there is something. A look takes nothing away; a receive of nothing would take the files that come with what is there.
        await _socket.ReceiveAsync(buffer.AsMemory(0, 1), SocketFlags.Peek, cancellationToken);
        var count = SocketFiles.Receive(_socket.SafeHandle, buffer, _files);
        _received = count > 0 ? [.. _received, .. buffer.AsSpan(0, count)] : throw new DBusException("the bus has closed the connection");
    }
}
