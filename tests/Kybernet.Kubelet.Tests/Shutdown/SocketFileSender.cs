using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Kybernet.Kubelet.Tests.Shutdown;

/// <summary>Hands an open file to another process over a socket.</summary>
internal static unsafe partial class SocketFileSender
{
    private const int ControlLength = 16 + sizeof(int);

    public static void Send(SafeSocketHandle socket, ReadOnlySpan<byte> bytes, SafeHandle file)
    {
        // struct cmsghdr: length, SOL_SOCKET, SCM_RIGHTS; then the file. Room for it at a multiple of its alignment.
        var control = stackalloc long[3];
        control[0] = ControlLength;
        ((int*)control)[2] = 1;
        ((int*)control)[3] = 1;
        ((int*)control)[4] = (int)file.DangerousGetHandle();
        fixed (byte* start = bytes)
        {
            // struct iovec and struct msghdr of 64-bit Linux.
            var part = stackalloc nint[] { (nint)start, bytes.Length };
            var header = stackalloc nint[] { 0, 0, (nint)part, 1, (nint)control, ControlLength, 0 };
            Assert.Equal(bytes.Length, SendMessage(socket, header, 0));
        }
    }

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(SafeSocketHandle socket, nint* header, int flags);
}
