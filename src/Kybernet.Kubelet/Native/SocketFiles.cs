using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kybernet.Kubelet.Native;

/// <summary>Open files that are handed from one process to another over a socket, which .NET's own methods drop.</summary>
internal static unsafe partial class SocketFiles
{
    private const int MaxFiles = 16;
    private const int SocketLevel = 1;
    private const int Rights = 1;
    private const int DoNotWait = 0x40;
    private const int CloseOnExec = 0x40000000;
    private const int HeaderLength = 16;

    /// <summary>Receives what there is, with the files that come along.</summary>
    /// <returns>How many bytes; 0 where the other side has closed.</returns>
    /// <exception cref="SocketException">The kernel refused.</exception>
    public static int Receive(SafeSocketHandle socket, Span<byte> buffer, List<SafeFileHandle> files)
    {
        var control = stackalloc byte[HeaderLength + (MaxFiles * sizeof(int))];
        fixed (byte* bytes = buffer)
        {
            var part = new Part { Base = bytes, Length = (nuint)buffer.Length };
            var header = new Header { Parts = &part, PartCount = 1, Control = control, ControlLength = HeaderLength + (MaxFiles * sizeof(int)) };
            var count = ReceiveMessage(socket, &header, DoNotWait | CloseOnExec);
            if (count < 0)
            {
                throw new SocketException(Marshal.GetLastPInvokeError());
            }
            // One entry at most: its length, its level, its type, and then the numbers of the files.
            if (header.ControlLength >= HeaderLength && *(int*)(control + 8) == SocketLevel && *(int*)(control + 12) == Rights)
            {
                for (var at = HeaderLength; at < (int)*(nuint*)control; at += sizeof(int))
                {
                    files.Add(new SafeFileHandle(*(int*)(control + at), ownsHandle: true));
                }
            }
            return (int)count;
        }
    }

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint ReceiveMessage(SafeSocketHandle socket, Header* header, int flags);

    // struct iovec
    [StructLayout(LayoutKind.Sequential)]
    private struct Part
    {
        public byte* Base;
        public nuint Length;
    }

    // struct msghdr of 64-bit Linux
    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        public void* Name;
        public uint NameLength;
        public Part* Parts;
        public nuint PartCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
