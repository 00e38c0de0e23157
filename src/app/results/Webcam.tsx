import { Alert, Button, Select } from '@mantine/core'
import { IconVideo, IconVideoOff } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import {
  type Camera,
  cameraFailure,
  classifiedSquare,
  closeCamera,
  isMirrored,
  listCameras,
  openCamera,
} from '../../classify/index.ts'
import type { ClassifierState } from '../../store/index.ts'
import { Answer } from './Answer.tsx'
import classes from './ResultsPanel.module.css'
import { useClassifiedVideo } from './use-classified-video.ts'

/** Mirrored as people expect; what is classified is not; the square that is classified is drawn. */
export function Webcam({ classifier }: { classifier: ClassifierState }) {
  const { t } = useTranslation()
  const video = useRef<HTMLVideoElement>(null)
  const [stream, setStream] = useState<MediaStream | null>(null)
  const [cameras, setCameras] = useState<readonly Camera[]>([])
  const [error, setError] = useState<unknown>(null)
  const [size, setSize] = useState<{ width: number; height: number } | null>(null)
  const answer = useClassifiedVideo(video, stream, classifier.evaluation)

  useEffect(() => {
    if (video.current) video.current.srcObject = stream
    if (!stream) return
    return () => closeCamera(stream)
  }, [stream])

  const start = async (id?: string) => {
    setError(null)
    try {
      const opened = await openCamera(id)
      setStream(opened)
      setCameras(await listCameras())
    } catch (cause) {
      setError(cause)
    }
  }
  const square = size && classifiedSquare(size.width, size.height, classifier.evaluation)
  const current = stream?.getVideoTracks()[0]?.getSettings().deviceId
  return (
    <div className={classes.stack}>
      <h3 className={classes.title}>{t('try.webcam')}</h3>
      {error !== null && (
        <Alert color="red" role="alert" data-testid="camera-error">
          {t(`try.error.${cameraFailure(error)}`, { detail: String(error) })}
        </Alert>
      )}
      {stream === null ? (
        <Button leftSection={<IconVideo size={17} />} data-testid="start-webcam" onClick={() => void start()}>
          {t('try.start')}
        </Button>
      ) : (
        <>
          <div className={classes.camera} data-mirrored={isMirrored(stream) ? true : undefined}>
            <video
              ref={video}
              autoPlay
              muted
              playsInline
              aria-label={t('try.preview')}
              data-testid="webcam"
              onLoadedMetadata={({ currentTarget }) =>
                setSize({ width: currentTarget.videoWidth, height: currentTarget.videoHeight })
              }
            />
            {size && square && (
              <div
                className={classes.square}
                data-testid="classified-square"
                style={{
                  left: `${(100 * square.x) / size.width}%`,
                  top: `${(100 * square.y) / size.height}%`,
                  width: `${(100 * square.side) / size.width}%`,
                  height: `${(100 * square.side) / size.height}%`,
                }}
              />
            )}
          </div>
          <div className={classes.head}>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconVideoOff size={16} />}
              data-testid="stop-webcam"
              onClick={() => setStream(null)}
            >
              {t('try.stop')}
            </Button>
            {cameras.length > 1 && (
              <Select
                size="xs"
                aria-label={t('try.camera')}
                allowDeselect={false}
                value={current ?? null}
                data={cameras.map(({ id, label }, index) => ({
                  value: id,
                  label: label || t('try.camera_n', { index: index + 1 }),
                }))}
                onChange={(id) => {
                  if (id) void start(id)
                }}
              />
            )}
          </div>
          {answer.error && (
            <Alert color="red" role="alert">
              {t('try.classify_error', { detail: answer.error })}
            </Alert>
          )}
          {answer.result && <Answer result={answer.result} rate={answer.rate} />}
        </>
      )}
      <p className={classes.note}>{t('try.mirrored')}</p>
    </div>
  )
}
