using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Kybernet.Network.Dns.Messages;

namespace Kybernet.Network.Dns.Serving;

/// <summary>
/// Receives and sends many datagrams with one system call each, which .NET has no method for. Each received datagram has a place for its answer, which
/// goes to where the datagram came from. The memory is the kernel's to write into and so does not move.
/// </summary>
internal sealed unsafe partial class DatagramBatch : IDisposable
{
    /// <summary>How many datagrams at once.</summary>
    public const int Capacity = 32;

    private const int AddressSize = 28; // struct sockaddr_in6, the larger of the two
    private const int WaitForOne = 0x10000;
    private const int Interrupted = 4;
    private const int TryAgain = 11;
    private const int ConnectionRefused = 111;

    private readonly MessageHeader* _received = (MessageHeader*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(MessageHeader));
    private readonly MessageHeader* _toSend = (MessageHeader*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(MessageHeader));
    private readonly IoVector* _vectors = (IoVector*)NativeMemory.AllocZeroed(2 * Capacity, (nuint)sizeof(IoVector));
    private readonly byte* _requests = (byte*)NativeMemory.Alloc(Capacity * Payload.Max);
    private readonly byte* _responses = (byte*)NativeMemory.Alloc(Capacity * Payload.Max);
    private readonly byte* _addresses = (byte*)NativeMemory.AllocZeroed(Capacity * AddressSize);
    private int _sending;

    public DatagramBatch()
    {
        for (var i = 0; i < Capacity; i++)
        {
            _vectors[i] = new IoVector { Base = _requests + (i * Payload.Max), Length = Payload.Max };
            _received[i].Vectors = _vectors + i;
            _received[i].VectorCount = 1;
            _received[i].Address = _addresses + (i * AddressSize);
        }
    }

    /// <summary>Waits for a datagram, and takes as many as there are.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="IOException">The socket is no good any more.</exception>
    public int Receive(SafeSocketHandle socket)
    {
        for (var i = 0; i < Capacity; i++)
        {
            _received[i].AddressLength = AddressSize;
        }
        _sending = 0;
        while (true)
        {
            var count = ReceiveMany(socket, _received, Capacity, WaitForOne, null);
            if (count >= 0)
            {
                return count;
            }
            ThrowUnlessPassing("recvmmsg");
        }
    }

    /// <summary>A datagram.</summary>
    public ReadOnlySpan<byte> Request(int index) => new(_requests + (index * Payload.Max), (int)_received[index].Length);

    /// <summary>The place for a datagram's answer.</summary>
    public Span<byte> Response(int index) => new(_responses + (index * Payload.Max), Payload.Max);

    /// <summary>Where a datagram came from.</summary>
    public IPEndPoint Sender(int index)
    {
        var address = new ReadOnlySpan<byte>(_received[index].Address, (int)_received[index].AddressLength);
        var port = (address[2] << 8) | address[3];
        return address.Length == AddressSize
            ? new IPEndPoint(new IPAddress(address.Slice(8, 16), MemoryMarshal.Read<uint>(address[24..])), port)
            : new IPEndPoint(new IPAddress(address.Slice(4, 4)), port);
    }

    /// <summary>Has a datagram's answer sent with the next <see cref="Send"/>.</summary>
    public void Answer(int index, int length)
    {
        var vector = _vectors + Capacity + _sending;
        *vector = new IoVector { Base = _responses + (index * Payload.Max), Length = (nuint)length };
        _toSend[_sending++] = new MessageHeader
        {
            Address = _received[index].Address,
            AddressLength = _received[index].AddressLength,
            Vectors = vector,
            VectorCount = 1,
        };
    }

    /// <summary>Sends the answers.</summary>
    /// <exception cref="IOException">The socket is no good any more.</exception>
    public void Send(SafeSocketHandle socket)
    {
        for (var sent = 0; sent < _sending;)
        {
            var count = SendMany(socket, _toSend + sent, (uint)(_sending - sent), 0);
            if (count > 0)
            {
                sent += count;
            }
            else if (!ThrowUnlessPassing("sendmmsg"))
            {
                sent++; // this one cannot be sent: whoever asked asks again
            }
        }
    }

    public void Dispose()
    {
        NativeMemory.Free(_received);
        NativeMemory.Free(_toSend);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_requests);
        NativeMemory.Free(_responses);
        NativeMemory.Free(_addresses);
    }

    /// <returns>Whether the same call is worth repeating.</returns>
    private static bool ThrowUnlessPassing(string call)
    {
        var error = Marshal.GetLastPInvokeError();
        return error switch
        {
            Interrupted => true,
            // What the network says of one receiver is no fault of the socket.
            TryAgain or ConnectionRefused or (>= 100 and <= 113) or 1 => false,
            _ => throw new IOException($"{call}: {new Win32Exception(error).Message}"),
        };
    }

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    private static partial int ReceiveMany(SafeSocketHandle socket, MessageHeader* messages, uint count, int flags, void* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    private static partial int SendMany(SafeSocketHandle socket, MessageHeader* messages, uint count, int flags);

#pragma warning disable CS0649 // The kernel writes what nobody else does.
    /// <summary><c>struct iovec</c>.</summary>
    private struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    /// <summary><c>struct mmsghdr</c> of 64-bit Linux.</summary>
    private struct MessageHeader
    {
        public void* Address;
        public uint AddressLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public nint Flags; // an int, and the padding behind it
        public uint Length;
    }
#pragma warning restore CS0649
}
